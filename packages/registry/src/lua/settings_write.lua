-- Changes the settings: every operation of one request, or none.
--
-- KEYS  1 settings  2 tenants  3 keys
-- ARGV  1 request, JSON: {expected, operations = [{collection = 'tenants' | 'keys', id, body?}]}
--         body: JSON text to store; without it the record is deleted
-- Reply JSON: {outcome = 'applied' | 'behind' | 'conflict', revision}
--
-- Pre:  the operations were worked out from revision `expected`.
-- Post: applied  → they are stored, the revision is expected + 1, a hint is out.
--       behind   → Redis knows less than the caller (it lost writes); restore first. Unchanged.
--       conflict → somebody was faster; read again. Unchanged.

local settings = KEYS[1]
local collections = { tenants = KEYS[2], keys = KEYS[3] }

local revision = tonumber(redis.call('HGET', settings, 'revision') or '0')
if revision < request.expected then return cjson.encode({ outcome = 'behind', revision = revision }) end
if revision > request.expected then return cjson.encode({ outcome = 'conflict', revision = revision }) end

for _, operation in ipairs(request.operations) do
  local collection = collections[operation.collection]
  if operation.body then
    redis.call('HSET', collection, operation.id, operation.body)
  else
    redis.call('HDEL', collection, operation.id)
  end
end
revision = revision + 1
redis.call('HSET', settings, 'revision', digits(revision))
hint({ kind = 'settings', revision = revision })
return cjson.encode({ outcome = 'applied', revision = revision })
