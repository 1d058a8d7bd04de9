-- The request that began this Idempotency-Key failed in a way that a repetition may cure: let that run.
--
-- KEYS  1 the key's record
-- ARGV  1 request, JSON: {}
-- Reply JSON: {outcome = 'abandoned' | 'lost'}
--
-- Pre:  begin answered 'new'.
-- Post: abandoned → there is no record. lost → there was none, or it has an answer; unchanged.

if redis.call('HGET', KEYS[1], 'response') then return cjson.encode({ outcome = 'lost' }) end
return cjson.encode({ outcome = redis.call('DEL', KEYS[1]) == 1 and 'abandoned' or 'lost' })
