-- Keeps a deployment's receipt.
--
-- KEYS  1 the deployment's record  2 its receipt
-- ARGV  1 request, JSON: {id}  2 the receipt, JSON text
-- Reply JSON: {outcome = 'ok' | 'absent'}
--
-- Pre:  none.
-- Post: ok → it is stored, in place of an earlier one, for as long as the record is. absent → there is no record; unchanged.

if not redis.call('HGET', KEYS[1], 'revision') then return cjson.encode({ outcome = 'absent' }) end
redis.call('SET', KEYS[2], ARGV[2])
hint_deployment(request.id)
return cjson.encode({ outcome = 'ok' })
