-- A deploy worker moves a deployment on by one tick.
--
-- KEYS  1 its record  2 its commands  3 deploy lease  4 queue  5 events  6 its results  7 what it touched
-- ARGV  1 request, JSON:
--         id, expected, fence, revision, state, over, createdAtMs, commands = [id], events = [[field, value, …]], keepMs
--       2 core  3 view: JSON text
-- Reply JSON: {outcome = 'ok' | 'conflict' | 'fenced'}
--
-- Pre:  the record was worked out from revision `expected`, and from these commands.
-- Post: ok       → it is stored, the commands are gone, the history has the events, a hint is out. When it is over, it holds
--                  nobody up any more and takes no commands, and only the record and the receipt stay for good.
--       conflict → the record has another revision, or none, or was over and would not be any more; unchanged.
--       fenced   → the lease is another's by now, or has lapsed; unchanged.

local key, commands, lease, queue, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

if not holds_fence(lease, request.fence) then return cjson.encode({ outcome = 'fenced' }) end
local before = redis.call('HMGET', key, 'revision', 'over')
if not before[1] or tonumber(before[1]) ~= request.expected or (before[2] == '1' and not request.over) then
  return cjson.encode({ outcome = 'conflict' })
end

write_deployment(key, ARGV[2], ARGV[3])
for _, id in ipairs(request.commands) do redis.call('HDEL', commands, id) end
if request.over then
  redis.call('ZREM', queue, request.id)
  redis.call('DEL', commands)
  redis.call('PEXPIRE', KEYS[6], digits(request.keepMs))
  redis.call('PEXPIRE', KEYS[7], digits(request.keepMs))
end
for _, event in ipairs(request.events) do record(events, unpack(event)) end
hint_deployment(request.id)
return cjson.encode({ outcome = 'ok' })
