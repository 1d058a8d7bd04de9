-- An owner tells a registry that may have lost them which sessions it holds.
--
-- KEYS  1 owned  2 tenanted  3 nodes  4 leases  5 watermarks  6 events  7..n one entry per session, in the same order
-- ARGV  1 request, JSON:
--         node {id, boot}, seq, acked,
--         sessions = [{sessionId, tenantId, name|null, pool, agentId, keyId, labels {…}, epoch, state,
--                      connections, bytesIn, bytesOut, connectedAtMs}]
-- Reply JSON: {outcome = 'ok', sessions = {sessionId = 'ok' | 'fenced', …}} | {outcome = 'dead'}
--
-- Pre:  the owner claimed each with that epoch, at this registry or at the one that was lost.
-- Post: ok     → the entry is this boot's, with the epoch that it had.
--       fenced → the entry has a higher epoch, or belongs to another tenant; unchanged.
--       dead   → nothing changed. (Without a lease the entries would be void at once.)

local owned, tenanted, nodes, leases, watermarks, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local FIRST = 7
local me = owner_ref(request.node.id, request.node.boot)

local stored = redis.call('HGET', nodes, request.node.id)
if not stored or cjson.decode(stored).boot ~= request.node.boot or not lives(leases, me, now_ms) then
  return cjson.encode({ outcome = 'dead' })
end

local reply = {}
for i, s in ipairs(request.sessions) do
  local key = KEYS[FIRST + i - 1]
  local before = read_session(key)
  local epoch = before and tonumber(before.e) or 0
  if epoch > s.epoch or (before and before.t ~= s.tenantId) or (epoch == s.epoch and before.node ~= request.node.id) then
    reply[s.sessionId] = 'fenced'
    record(events, 'type', 'session.fenced', 'session', s.sessionId, 'tenant', s.tenantId, 'node', request.node.id,
      'epoch', digits(s.epoch), 'owner', before.node, 'ownerEpoch', before.e)
  else
    s.changedAtMs = now_ms
    write_session(key, owned, tenanted, before, me, s)
    -- Caches need a word only where they could have learned otherwise from this Redis.
    if before and epoch < s.epoch then hint_session(s.sessionId, s.epoch, request.node.id, s.agentId, before.node) end
    reply[s.sessionId] = 'ok'
  end
end
mark(watermarks, me)
return cjson.encode({ outcome = 'ok', sessions = reply })
