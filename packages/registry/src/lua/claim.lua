-- A worker takes a session.
--
-- KEYS  1 the session's entry  2 sessions  3 owned  4 tenanted  5 nodes  6 leases  7 tenants  8 events
-- ARGV  1 request, JSON:
--         sessionId, tenantId, name|null, node {id, boot}, pool, agentId, keyId, labels (JSON text),
--         lastEpoch, expectedEpoch?, notAfterMs? (Redis's clock), channel
-- Reply JSON: {outcome = 'claimed', epoch, connectedAtMs, previous? {node, boot, epoch}}
--           | {outcome = 'refused', reason} | {outcome = 'late'}
--
-- Pre:  the caller has authenticated the agent for this tenant and session.
-- Post: claimed → the entry names node#boot with an epoch above every one that Redis or the agent has seen;
--                 the indexes agree with it; a hint and an event are out.
--       refused, late → nothing changed.

local key, sessions, owned, tenanted = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local nodes, leases, tenants, events = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local r = cjson.decode(ARGV[1])
local now_us, now_ms = clock()
local me = owner_ref(r.node.id, r.node.boot)

local function refuse(reason) return cjson.encode({ outcome = 'refused', reason = reason }) end

-- The caller gave up waiting; it would not know that it owns the session.
if r.notAfterMs and now_ms > r.notAfterMs then return cjson.encode({ outcome = 'late' }) end

-- The node: alive, this boot, taking sessions.
local stored = redis.call('HGET', nodes, r.node.id)
local node = stored and cjson.decode(stored) or nil
if not node or node.boot ~= r.node.boot or not lives(leases, me, now_ms) then return refuse('node_not_ready') end
-- `suspect` was said before Redis could be reached again; this claim reached it.
if node.cordoned or (node.state ~= 'ready' and node.state ~= 'suspect') then return refuse('node_not_ready') end

-- The tenant: pinned to a pool?
local body = redis.call('HGET', tenants, r.tenantId)
local tenant = body and cjson.decode(body) or nil
if tenant and given(tenant.pool) and tenant.pool ~= r.pool then return refuse('wrong_pool') end

-- The entry: another tenant's is never taken, not even a vacant one.
local before = read_hash(key)
if before and before.tenant ~= r.tenantId then return refuse('fenced') end
local stored_epoch = before and tonumber(before.epoch) or 0
if before and r.expectedEpoch and r.expectedEpoch ~= stored_epoch
  and lives(leases, owner_ref(before.node, before.boot), now_ms) then
  return refuse('fenced')
end

-- Room: on the node, unless it has this session already, and for one more of this tenant.
if not (before and before.node == r.node.id and before.boot == r.node.boot)
  and redis.call('ZLEXCOUNT', owned, '[' .. me .. '/', '(' .. me .. '0') >= node.capacity then
  return refuse('full')
end
local limit = tenant and tenant.limits and tenant.limits.sessions
if limit and not before
  and redis.call('ZLEXCOUNT', tenanted, '[' .. r.tenantId .. '/', '(' .. r.tenantId .. '0') >= limit then
  return refuse('limit_exceeded')
end

-- Rises even when Redis lost everything (its clock), its clock went back (stored), or both (the agent's).
r.epoch = math.max(now_us, stored_epoch + 1, r.lastEpoch + 1)
r.state, r.connections, r.bytesIn, r.bytesOut = 'idle', 0, 0, 0
r.connectedAtMs, r.changedAtMs = now_ms, now_ms
write_session(key, sessions, owned, tenanted, before, r)

hint_session(r.channel, r.sessionId, r.epoch, r.node.id, r.agentId)
record(events, 'type', 'session.claimed', 'session', r.sessionId, 'tenant', r.tenantId,
  'node', r.node.id, 'boot', r.node.boot, 'epoch', digits(r.epoch))

local reply = { outcome = 'claimed', epoch = digits(r.epoch), connectedAtMs = now_ms }
if before then reply.previous = { node = before.node, boot = before.boot, epoch = before.epoch } end
return cjson.encode(reply)
