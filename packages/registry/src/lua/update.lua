-- An owner says how its sessions are.
--
-- KEYS  1 watermarks  2 events  3..n one entry per update, in the same order
-- ARGV  1 request, JSON: {node {id, boot}, seq, acked,
--         updates = [{sessionId, epoch, state, connections, bytesIn, bytesOut}]}
-- Reply JSON: {outcome = 'ok', sessions = {sessionId = 'ok' | 'fenced' | 'absent', …}}
--
-- Pre:  none.
-- Post: ok     → the entry is of this boot and epoch and carries the new numbers.
--       fenced → the entry has a higher epoch; unchanged.
--       absent → there is no entry of this boot and epoch to write to; unchanged.

local watermarks, events = KEYS[1], KEYS[2]
local FIRST = 3
local me = owner_ref(request.node.id, request.node.boot)
local reply = {}

for i, update in ipairs(request.updates) do
  local key = KEYS[FIRST + i - 1]
  local entry = read_session(key)
  local epoch = entry and tonumber(entry.e) or 0
  if epoch > update.epoch then
    reply[update.sessionId] = 'fenced'
    record(events, 'type', 'session.fenced', 'session', update.sessionId, 'tenant', entry.t, 'node', request.node.id,
      'epoch', digits(update.epoch), 'owner', entry.node, 'ownerEpoch', entry.e)
  elseif epoch ~= update.epoch or entry.ref ~= me then
    reply[update.sessionId] = 'absent'
  else
    if entry.s ~= update.state then entry.h = count(now_ms - tonumber(entry.f)) end
    entry.s, entry.c = update.state, count(update.connections)
    entry.i, entry.o = count(update.bytesIn), count(update.bytesOut)
    store_session(key, me, entry)
    reply[update.sessionId] = 'ok'
  end
end
mark(watermarks, me)
return cjson.encode({ outcome = 'ok', sessions = reply })
