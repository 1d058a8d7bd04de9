-- The first request with an Idempotency-Key runs, others hear what became of it.
--
-- KEYS  1 the key's record
-- ARGV  1 request, JSON: {fingerprint, pendingMs}
-- Reply JSON: {outcome = 'new' | 'in_progress' | 'conflict'} | {outcome = 'done', response}
--
-- Pre:  none.
-- Post: new → the record is pending for pendingMs, after which its runner counts as dead. Else unchanged.

local found = redis.call('HMGET', KEYS[1], 'fingerprint', 'response')
local before = found[1] and { fingerprint = found[1], response = found[2] or nil } or nil
if not before then
  redis.call('HSET', KEYS[1], 'fingerprint', request.fingerprint)
  redis.call('PEXPIRE', KEYS[1], digits(request.pendingMs))
  return cjson.encode({ outcome = 'new' })
end
if before.fingerprint ~= request.fingerprint then return cjson.encode({ outcome = 'conflict' }) end
if before.response then return cjson.encode({ outcome = 'done', response = before.response }) end
return cjson.encode({ outcome = 'in_progress' })
