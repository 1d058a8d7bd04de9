-- Keeps what came of an effect.
--
-- KEYS  1 the deployment's record  2 its results
-- ARGV  1 request, JSON: {key, max, keepMs}  2 the result, JSON text
-- Reply JSON: {outcome = 'ok', result = JSON text} | {outcome = 'full'}
--
-- Pre:  none.
-- Post: ok   → `result` is stored under the key: this one, or the one that was first. Without a deployment under way it
--              is for a while only: nobody may come to remove it.
--       full → there are too many; unchanged.

local record_key, results = KEYS[1], KEYS[2]

local first = redis.call('HGET', results, request.key)
if first then return cjson.encode({ outcome = 'ok', result = first }) end
if redis.call('HLEN', results) >= request.max then return cjson.encode({ outcome = 'full' }) end
redis.call('HSET', results, request.key, ARGV[2])
if redis.call('HGET', record_key, 'over') ~= '0' then redis.call('PEXPIRE', results, digits(request.keepMs)) end
return cjson.encode({ outcome = 'ok', result = ARGV[2] })
