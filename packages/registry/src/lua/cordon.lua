-- An operator wants a node to take no new sessions, or to take them again.
--
-- KEYS  1 nodes  2 events  3 deploy lease
-- ARGV  1 request, JSON: {id, cordoned, fence?}; fence: a deploy worker wishes it
-- Reply JSON: {outcome = 'ok' | 'absent' | 'fenced'}
--
-- Pre:  none.
-- Post: ok     → claims by this node are refused (or not) from now on; the node hears of it with its next beat.
--       fenced → the deploy lease is another's by now, or has lapsed; unchanged.

local nodes, events = KEYS[1], KEYS[2]

if request.fence and not holds_fence(KEYS[3], request.fence) then return cjson.encode({ outcome = 'fenced' }) end

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
