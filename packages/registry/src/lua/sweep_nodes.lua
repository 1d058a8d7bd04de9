-- Forgets nodes that are long dead, and leases so old that nobody can come back with them.
--
-- KEYS  1 nodes  2 leases  3 events
-- ARGV  1 request, JSON: {nodeMs, leaseMs, most, channel}
-- Reply JSON: {removed}
--
-- Pre:  leaseMs > nodeMs.
-- Post: at most `most` nodes whose lease ended more than nodeMs ago are no longer listed; leases that ended more
--       than leaseMs ago are gone. Younger ones stay: they keep a dead boot dead.

local nodes, leases, events = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
local _, now_ms = clock()

local removed = 0
for _, text in ipairs(redis.call('HVALS', nodes)) do
  if removed >= request.most then break end
  local node = cjson.decode(text)
  if not lives(leases, owner_ref(node.id, node.boot), now_ms - request.nodeMs) then
    redis.call('HDEL', nodes, node.id)
    hint_node(request.channel, node.id)
    record(events, 'type', 'node.forgotten', 'node', node.id, 'boot', node.boot)
    removed = removed + 1
  end
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', digits(now_ms - request.leaseMs))
return cjson.encode({ removed = removed })
