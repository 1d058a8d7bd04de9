-- Somebody asks for a deployment.
--
-- KEYS  1 its record  2 queue  3 index
-- ARGV  1 request, JSON: {id, revision, state, over, createdAtMs, queue, maxQueued, keep, maxSurplus}  2 core  3 view
--         queue: wait for others that are under way; core, view: JSON text
-- Reply JSON: {outcome = 'created', surplus = [id]} | {outcome = 'busy', active} | {outcome = 'full'}
--         surplus: the oldest beyond `keep`, for deploy_forget; an empty list is {}
--
-- Pre:  the id is new, or this is the same request once more.
-- Post: created → its record is there; unless it is over, it is in the queue. One that was there already is unchanged.
--       busy    → another is under way, and `queue` was not asked for; unchanged.
--       full    → too many wait; unchanged.

local key, queue, index = KEYS[1], KEYS[2], KEYS[3]

if not redis.call('HGET', key, 'revision') then
  if not request.over then
    local active = redis.call('ZRANGEBYSCORE', queue, '-inf', '+inf', 'LIMIT', 0, 1)[1]
    if active and not request.queue then return cjson.encode({ outcome = 'busy', active = active }) end
    if redis.call('ZCARD', queue) >= request.maxQueued then return cjson.encode({ outcome = 'full' }) end
    redis.call('ZADD', queue, digits(now_us), request.id)
  end
  write_deployment(key, ARGV[2], ARGV[3])
  redis.call('ZADD', index, digits(request.createdAtMs), request.id)
  hint_deployment(request.id)
end

local surplus = {}
local more = redis.call('ZCARD', index) - request.keep
if more > 0 then
  surplus = redis.call('ZRANGEBYSCORE', index, '-inf', '+inf', 'LIMIT', 0, math.min(more, request.maxSurplus))
end
return cjson.encode({ outcome = 'created', surplus = surplus })
