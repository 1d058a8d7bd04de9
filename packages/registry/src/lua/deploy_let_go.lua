-- A deploy worker gives its lease up, so that the next one need not wait for its end.
--
-- KEYS  1 deploy lease
-- ARGV  1 request, JSON: {fence}
-- Reply JSON: {outcome = 'ok' | 'fenced'}
--
-- Pre:  none.
-- Post: ok     → the lease is free; its fence is kept, the next one is above it.
--       fenced → it is another's by now; unchanged.

local lease = KEYS[1]

local fence = redis.call('HGET', lease, 'fence')
if not fence or tonumber(fence) ~= request.fence then return cjson.encode({ outcome = 'fenced' }) end
redis.call('HSET', lease, 'untilMs', '0')
return cjson.encode({ outcome = 'ok' })
