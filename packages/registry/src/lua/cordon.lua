-- An operator wants a node to take no new sessions, or to take them again.
--
-- KEYS  1 nodes  2 events
-- ARGV  1 request, JSON: {id, cordoned}
-- Reply JSON: {outcome = 'ok' | 'absent'}
--
-- Pre:  none.
-- Post: ok → claims by this node are refused (or not) from now on; the node hears of it with its next beat.

local nodes, events = KEYS[1], KEYS[2]

local stored = redis.call('HGET', nodes, request.id)
if not stored then return cjson.encode({ outcome = 'absent' }) end

local node = cjson.decode(stored)
if node.cordoned ~= request.cordoned then
  node.cordoned = request.cordoned
  node.cordonRevision = digits(math.max(now_us, (tonumber(node.cordonRevision) or 0) + 1))
  redis.call('HSET', nodes, request.id, cjson.encode(node))
  hint_node(request.id)
  record(events, 'type', request.cordoned and 'node.cordoned' or 'node.uncordoned', 'node', request.id, 'boot', node.boot)
end
return cjson.encode({ outcome = 'ok' })
