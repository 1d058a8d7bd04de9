-- A node renews its lease and says how it is.
--
-- KEYS  1 nodes  2 leases  3 meta  4 settings  5 events
-- ARGV  1 request, JSON:
--         node {id, boot, role, version, pool, host, pid, proxy?, link?, admin, capacity}
--         load {state, sessions, connections}
--         leaseMs, channel
-- Reply JSON: {outcome = 'ok', fresh, cordoned, settingsRevision, nowMs, generation} | {outcome = 'dead', replaced}
--
-- Pre:  none; an empty Redis is fine.
-- Post: ok   → the boot's lease ends leaseMs from now, nodes[id] describes this boot, and every other boot of
--              the same id is dead.
--       dead → nothing changed. A boot whose lease has passed once stays dead: somebody may have acted on it.
--              replaced: another process has registered under this node id since, and lives.

local nodes, leases, meta, settings, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local request = cjson.decode(ARGV[1])
local node, load = request.node, request.load
local now_us, now_ms = clock()
local me = owner_ref(node.id, node.boot)

local stored = redis.call('HGET', nodes, node.id)
local before = stored and cjson.decode(stored) or nil

local deadline = redis.call('ZSCORE', leases, me)
if deadline and tonumber(deadline) <= now_ms then
  local replaced = before ~= nil and before.boot ~= node.boot and lives(leases, owner_ref(node.id, before.boot), now_ms)
  return cjson.encode({ outcome = 'dead', replaced = replaced })
end
local fresh = not deadline
if before and before.boot ~= node.boot then
  local old = owner_ref(node.id, before.boot)
  if lives(leases, old, now_ms) then redis.call('ZADD', leases, now_ms, old) end
end

-- A registry that lost its data takes the operator's wish from the node, which still follows it.
local follows = load.state == 'cordoned' or load.state == 'draining' or load.state == 'empty'
local cordoned = follows
if before then cordoned = before.cordoned end

node.state, node.sessions, node.connections = load.state, load.sessions, load.connections
node.cordoned, node.beatAt = cordoned, now_ms
redis.call('HSET', nodes, node.id, cjson.encode(node))
redis.call('ZADD', leases, now_ms + request.leaseMs, me)
redis.call('HSETNX', meta, 'generation', digits(now_us))

if not before or before.boot ~= node.boot or before.state ~= load.state then
  hint_node(request.channel, node.id)
  record(events, 'type', 'node.' .. load.state, 'node', node.id, 'boot', node.boot)
end

return cjson.encode({
  outcome = 'ok',
  fresh = fresh,
  cordoned = cordoned,
  settingsRevision = tonumber(redis.call('HGET', settings, 'revision') or '0'),
  nowMs = now_ms,
  generation = redis.call('HGET', meta, 'generation'),
})
