-- An owner tells a registry that may have lost them which sessions it holds.
--
-- KEYS  1 sessions  2 owned  3 tenanted  4 nodes  5 leases  6..n one entry per session, in the same order
-- ARGV  1 request, JSON:
--         node {id, boot}, notAfterMs?, channel,
--         sessions = [{sessionId, tenantId, name|null, pool, agentId, keyId, labels (JSON text), epoch, state,
--                      connections, bytesIn, bytesOut, connectedAtMs}]
-- Reply JSON: {outcome = 'ok', sessions = {sessionId = 'ok' | 'fenced', …}} | {outcome = 'dead'} | {outcome = 'late'}
--
-- Pre:  the owner claimed each with that epoch, at this registry or at the one that was lost.
-- Post: ok     → the entry is this boot's, with the epoch that it had.
--       fenced → the entry has a higher epoch, or belongs to another tenant; unchanged.
--       dead, late → nothing changed. (Without a lease the entries would be void at once.)

local sessions, owned, tenanted, nodes, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local FIRST = 6
local request = cjson.decode(ARGV[1])
local _, now_ms = clock()

if request.notAfterMs and now_ms > request.notAfterMs then return cjson.encode({ outcome = 'late' }) end
local stored = redis.call('HGET', nodes, request.node.id)
if not stored or cjson.decode(stored).boot ~= request.node.boot
  or not lives(leases, owner_ref(request.node.id, request.node.boot), now_ms) then
  return cjson.encode({ outcome = 'dead' })
end

local reply = {}
for i, s in ipairs(request.sessions) do
  local key = KEYS[FIRST + i - 1]
  local before = read_hash(key)
  local epoch = before and tonumber(before.epoch) or 0
  if epoch > s.epoch or (before and before.tenant ~= s.tenantId)
    or (epoch == s.epoch and before.node ~= request.node.id) then
    reply[s.sessionId] = 'fenced'
  else
    s.node, s.changedAtMs = request.node, now_ms
    write_session(key, sessions, owned, tenanted, before, s)
    -- Caches need a word only where they could have learned otherwise from this Redis.
    if before and epoch < s.epoch then 
      hint_session(request.channel, s.sessionId, s.epoch, request.node.id, s.agentId)
    end
    reply[s.sessionId] = 'ok'
  end
end
return cjson.encode({ outcome = 'ok', sessions = reply })
