-- Tells of nodes that died, forgets those that are long dead, and leases so old that nobody can come back with them.
--
-- KEYS  1 nodes  2 leases  3 watermarks  4 events
-- ARGV  1 request, JSON: {nodeMs, leaseMs, most}
-- Reply JSON: {outcome = 'ok', removed}
--
-- Pre:  leaseMs > nodeMs.
-- Post: the history has each death once; at most `most` nodes whose lease ended more than nodeMs ago are no longer
--       listed; leases that ended more than leaseMs ago are gone. Younger ones stay: they keep a dead boot dead.

local nodes, leases, watermarks, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local function tell(node, state)
  record(events, 'type', 'node.state', 'node', node.id, 'boot', node.boot, 'role', node.role, 'state', state)
end

local removed = 0
for _, text in ipairs(redis.call('HVALS', nodes)) do
  local node = cjson.decode(text)
  local me = owner_ref(node.id, node.boot)
  if removed < request.most and not lives(leases, me, now_ms - request.nodeMs) then
    redis.call('HDEL', nodes, node.id)
    hint_node(node.id)
    tell(node, 'forgotten')
    removed = removed + 1
  elseif node.state ~= 'dead' and not lives(leases, me, now_ms) then
    -- Said by nobody, so written down here; whoever comes back under this id beats over it.
    node.state = 'dead'
    redis.call('HSET', nodes, node.id, cjson.encode(node))
    tell(node, 'dead')
  end
end

local old = redis.call('ZRANGEBYSCORE', leases, '-inf', digits(now_ms - request.leaseMs), 'LIMIT', 0, request.most)
for _, ref in ipairs(old) do
  redis.call('ZREM', leases, ref)
  redis.call('HDEL', watermarks, ref)
end
return cjson.encode({ outcome = 'ok', removed = removed })
