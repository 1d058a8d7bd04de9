-- Stores the answer to the request that began this Idempotency-Key.
--
-- KEYS  1 the key's record
-- ARGV  1 request, JSON: {response, keepMs}
-- Reply JSON: {outcome = 'stored' | 'lost'}
--
-- Pre:  begin answered 'new'.
-- Post: stored → the answer is repeated for keepMs. lost → the record had lapsed, or has an answer; unchanged.

local found = redis.call('HMGET', KEYS[1], 'fingerprint', 'response')
local before = found[1] and { fingerprint = found[1], response = found[2] or nil } or nil
if not before or before.response then return cjson.encode({ outcome = 'lost' }) end
redis.call('HSET', KEYS[1], 'response', request.response)
redis.call('PEXPIRE', KEYS[1], digits(request.keepMs))
return cjson.encode({ outcome = 'stored' })
