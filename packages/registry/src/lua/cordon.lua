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

-- The revision rises although nothing changes here: the node may know of a wish that this Redis has lost (a failover), and
-- bring it back with its next beat. What was wished last counts.
local node = cjson.decode(stored)
local changes = node.cordoned ~= request.cordoned
node.cordoned = request.cordoned
node.cordonRevision = digits(math.max(now_us, (tonumber(node.cordonRevision) or 0) + 1))
redis.call('HSET', nodes, request.id, cjson.encode(node))
if changes then
  hint_node(request.id)
  record(events, 'type', request.cordoned and 'node.cordoned' or 'node.uncordoned', 'node', request.id, 'boot', node.boot)
end
return cjson.encode({ outcome = 'ok' })
