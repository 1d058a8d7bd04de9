-- Puts a snapshot back into a Redis that came back older or empty.
--
-- KEYS  1 settings  2 tenants  3 keys
-- ARGV  1 request, JSON: {revision, tenants = {id = JSON text}, keys = {id = JSON text}}
-- Reply JSON: {outcome = 'restored' | 'kept', revision}
--
-- Pre:  the snapshot is whole and was once the truth.
-- Post: restored → the settings are those of the snapshot and nothing else; a hint is out.
--       kept     → Redis's are as new or newer; unchanged. Never the other way round.

local settings = KEYS[1]

local revision = tonumber(redis.call('HGET', settings, 'revision') or '0')
if revision >= request.revision then return cjson.encode({ outcome = 'kept', revision = revision }) end

local function fill(key, records)
  redis.call('DEL', key)
  for id, body in pairs(records) do redis.call('HSET', key, id, body) end
end
fill(KEYS[2], request.tenants)
fill(KEYS[3], request.keys)
redis.call('HSET', settings, 'revision', digits(request.revision))
hint({ kind = 'settings', revision = request.revision })
return cjson.encode({ outcome = 'restored', revision = request.revision })
