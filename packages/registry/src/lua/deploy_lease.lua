-- A deploy worker takes the right to move deployments on, or keeps it.
--
-- KEYS  1 deploy lease
-- ARGV  1 request, JSON: {holder, forMs, seenMs}; seenMs: the highest time of any server that the caller knows of
-- Reply JSON: {outcome = 'held', fence, untilMs} | {outcome = 'busy'}
--
-- Pre:  a holder is one life of one process.
-- Post: held → nobody else gets it before untilMs. Whoever kept a lease that lived has the same fence; whoever took a free
--              one has a fence above every one before, also when Redis has lost the last one.
--       busy → another has it; unchanged.

local lease = KEYS[1]

local stored = redis.call('HMGET', lease, 'holder', 'fence', 'untilMs', 'forMs')
local fence, ends, lasts = tonumber(stored[2] or '0'), tonumber(stored[3] or '0'), tonumber(stored[4] or '0')

-- The clock went back (a failover): nobody holds it for longer than was asked for.
if ends > now_ms + lasts then
  ends = now_ms + lasts
  redis.call('HSET', lease, 'untilMs', digits(ends))
end

local live = ends > now_ms
if live and stored[1] ~= request.holder then return cjson.encode({ outcome = 'busy' }) end
if not live then fence = math.max(now_us, (request.seenMs + 1) * 1000, fence + 1) end
ends = now_ms + request.forMs
redis.call('HSET', lease, 'holder', request.holder, 'fence', digits(fence), 'untilMs', digits(ends),
  'forMs', digits(request.forMs))
return cjson.encode({ outcome = 'held', fence = digits(fence), untilMs = digits(ends) })
