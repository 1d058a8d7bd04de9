-- Reads the settings as one consistent whole.
--
-- KEYS  1 settings  2 tenants  3 keys
-- ARGV  1 request, JSON: {}
-- Reply JSON: {outcome = 'ok', revision, tenants = [JSON text], keys = [JSON text]}; an empty list is {}
--
-- Pre:  none.
-- Post: nothing is written.

return cjson.encode({
  outcome = 'ok',
  revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0'),
  tenants = redis.call('HVALS', KEYS[2]),
  keys = redis.call('HVALS', KEYS[3]),
})
