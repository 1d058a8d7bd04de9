-- An owner says how its sessions are.
--
-- KEYS  1..n one entry per update, in the same order
-- ARGV  1 request, JSON: {node {id, boot}, updates = [{sessionId, epoch, state, connections, bytesIn, bytesOut}]}
-- Reply JSON: {sessionId = 'ok' | 'fenced' | 'absent', …}
--
-- Pre:  none.
-- Post: ok     → the entry is of this boot and epoch and carries the new numbers.
--       fenced → the entry has a higher epoch; unchanged.
--       absent → there is no entry of this boot and epoch to write to; unchanged.

local request = cjson.decode(ARGV[1])
local _, now_ms = clock()
local reply = {}

for i, update in ipairs(request.updates) do
  local key = KEYS[i]
  local found = redis.call('HMGET', key, 'epoch', 'node', 'boot', 'state')
  local epoch = found[1] and tonumber(found[1]) or 0
  if epoch > update.epoch then
    reply[update.sessionId] = 'fenced'
  elseif epoch ~= update.epoch or found[2] ~= request.node.id or found[3] ~= request.node.boot then
    reply[update.sessionId] = 'absent'
  else
    redis.call('HSET', key, 'state', update.state, 'connections', digits(update.connections),
      'bytesIn', digits(update.bytesIn), 'bytesOut', digits(update.bytesOut))
    if found[4] ~= update.state then redis.call('HSET', key, 'changedAt', digits(now_ms)) end
    reply[update.sessionId] = 'ok'
  end
end
return cjson.encode(reply)
