-- A node stops in order.
--
-- KEYS  1 nodes  2 leases  3 events
-- ARGV  1 request, JSON: {id, boot}
-- Reply JSON: {outcome = 'left'}
--
-- Pre:  none; leaving twice does nothing more.
-- Post: the boot is dead (so a beat that arrives late cannot revive it), its sessions are vacant, and the node
--       is no longer listed unless a newer boot took its place. An operator's cordon is forgotten with it.

local nodes, leases, events = KEYS[1], KEYS[2], KEYS[3]
local me = owner_ref(request.id, request.boot)

local deadline = redis.call('ZSCORE', leases, me)
if not deadline or tonumber(deadline) > now_ms then redis.call('ZADD', leases, now_ms, me) end

local stored = redis.call('HGET', nodes, request.id)
local node = stored and cjson.decode(stored)
if node and node.boot == request.boot then
  redis.call('HDEL', nodes, request.id)
  hint_node(request.id)
  record(events, 'type', 'node.state', 'node', request.id, 'boot', request.boot, 'role', node.role, 'state', 'left')
end
return cjson.encode({ outcome = 'left' })
