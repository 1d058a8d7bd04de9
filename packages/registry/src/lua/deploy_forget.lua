-- Removes a deployment that is older than those that are kept, with all that belongs to it.
--
-- KEYS  1 its record  2 queue  3 index  4 commands  5 results  6 touched  7 receipt
-- ARGV  1 request, JSON: {id, keep}
-- Reply JSON: {outcome = 'forgotten' | 'kept'}
--
-- Pre:  none.
-- Post: forgotten → nothing of it is left.
--       kept      → it is under way, or among the newest; unchanged.

local index = KEYS[3]

local made = redis.call('ZSCORE', index, request.id)
local waits = redis.call('ZSCORE', KEYS[2], request.id)
if not made or waits or redis.call('ZCOUNT', index, '(' .. made, '+inf') < request.keep then
  return cjson.encode({ outcome = 'kept' })
end
redis.call('ZREM', index, request.id)
redis.call('DEL', KEYS[1], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
return cjson.encode({ outcome = 'forgotten' })
