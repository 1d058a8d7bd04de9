-- Keeps a schedule or a maintenance window, or removes it.
--
-- KEYS  1 documents of its kind
-- ARGV  1 request, JSON: {id, body?, max}; body: JSON text to store; without it the document is deleted
-- Reply JSON: {outcome = 'ok' | 'absent' | 'full'}
--
-- Pre:  none.
-- Post: ok → it is stored, in place of an earlier one, or gone. absent → there was none to delete. full → there are too many.

local documents = KEYS[1]

if not request.body then
  return cjson.encode({ outcome = redis.call('HDEL', documents, request.id) == 1 and 'ok' or 'absent' })
end
local new = redis.call('HEXISTS', documents, request.id) == 0
if new and redis.call('HLEN', documents) >= request.max then return cjson.encode({ outcome = 'full' }) end
redis.call('HSET', documents, request.id, request.body)
return cjson.encode({ outcome = 'ok' })
