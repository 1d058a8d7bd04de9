-- Sign-ins that were ended before their time: adds some, forgets those whose time has come, tells all.
--
-- KEYS  1 sign-ins that were ended
-- ARGV  1 request, JSON: {ended = [{id, untilMs}], most}
-- Reply JSON: {outcome = 'ok', ids, untilMs}: two lists of the same order
--
-- Pre:  untilMs is the end that the sign-in would have had anyhow, ms since the Unix epoch.
-- Post: those of the request are in, those whose end is past are not; of more than `most`, those that end last are kept,
--       because the others are the sooner harmless.

local set = KEYS[1]

for _, one in ipairs(request.ended) do redis.call('ZADD', set, digits(one.untilMs), one.id) end
redis.call('ZREMRANGEBYSCORE', set, '-inf', digits(now_ms))
local surplus = redis.call('ZCARD', set) - request.most
if surplus > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', set, '-inf', '+inf', 'LIMIT', 0, surplus)) do
    redis.call('ZREM', set, id)
  end
end

local ids, ends = {}, {}
local flat = redis.call('ZRANGEBYSCORE', set, '-inf', '+inf', 'WITHSCORES')
for i = 1, #flat, 2 do
  ids[#ids + 1] = flat[i]
  ends[#ends + 1] = flat[i + 1]
end
return cjson.encode({ outcome = 'ok', ids = #ids > 0 and ids or nil, untilMs = #ends > 0 and ends or nil })
