-- Puts a deployment's record back that Redis has lost.
--
-- KEYS  1 its record  2 queue  3 index  4 events
-- ARGV  1 request, JSON: {id, revision, state, over, createdAtMs}  2 core  3 view
--         core, view: JSON text
-- Reply JSON: {outcome = 'restored' | 'kept'}
--
-- Pre:  the record was once the truth.
-- Post: restored → it is there; unless it is over, it is in the queue before all that were asked for later, and the history
--                  tells of it.
--       kept     → there is one of this id; unchanged.

local key, queue, index, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

if redis.call('HGET', key, 'revision') then return cjson.encode({ outcome = 'kept' }) end
write_deployment(key, ARGV[2], ARGV[3])
redis.call('ZADD', index, digits(request.createdAtMs), request.id)
if not request.over then
  redis.call('ZADD', queue, digits(request.createdAtMs * 1000), request.id)
  record(events, 'type', 'deployment.restored', 'deployment', request.id, 'state', request.state)
end
hint_deployment(request.id)
return cjson.encode({ outcome = 'restored' })
