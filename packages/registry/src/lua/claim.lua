-- A worker takes a session.
--
-- KEYS  1 the session's entry  2 owned  3 tenanted  4 nodes  5 leases  6 settings  7 tenants  8 meta  9 watermarks
--       10 events  11 the places reserved on this worker
-- ARGV  1 request, JSON:
--         sessionId, tenantId, name|null, node {id, boot}, pool, agentId, keyId, labels {…},
--         lastEpoch, expectedEpoch?, canary?, settingsRevision, seq, acked
-- Reply JSON: {outcome = 'claimed', epoch, connectedAtMs, previous? {node, boot, epoch, vacantMs?}}
--           | {outcome = 'refused', reason}
--
-- Pre:  the caller has authenticated the agent for this tenant and session. canary: it is the tenant by which workers are
--       tried out before they take others, so it is let in on a cordoned one, and in any pool.
-- Post: claimed → the entry names node#boot with an epoch above every one that Redis or the agent has seen;
--                 the indexes agree with it; the reservation is used up; a hint and an event are out.
--                 vacantMs: for how long nobody had the session, because that owner's lease was over.
--       refused → nothing changed.

local key, owned, tenanted, nodes, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local settings, tenants, meta, watermarks, events, reserved = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local r = request
local me = owner_ref(r.node.id, r.node.boot)

local function refuse(reason) return cjson.encode({ outcome = 'refused', reason = reason }) end

-- The node: alive, this boot, taking sessions.
local stored = redis.call('HGET', nodes, r.node.id)
local node = stored and cjson.decode(stored) or nil
if not node or node.boot ~= r.node.boot or not lives(leases, me, now_ms) then return refuse('node_not_ready') end
-- `suspect` was said before Redis could be reached again; this claim reached it.
local takes = node.state == 'ready' or node.state == 'suspect'
if r.canary then takes = takes or node.state == 'cordoned' else takes = takes and not node.cordoned end
if not takes then return refuse('node_not_ready') end

-- The tenant: settings that Redis has lost can't be enforced; they are being put back.
if tonumber(redis.call('HGET', settings, 'revision') or '0') < r.settingsRevision then return refuse('recovering') end
local body = redis.call('HGET', tenants, r.tenantId)
local tenant = body and cjson.decode(body) or {}
local served = r.canary or r.pool == (given(tenant.pool) or 'default')
for _, pool in ipairs(given(tenant.spill) or {}) do served = served or r.pool == pool end
if not served then return refuse('wrong_pool') end

-- The entry: another tenant's is never taken, not even a vacant one.
local before = read_session(key)
if before and before.t ~= r.tenantId then return refuse('fenced') end
local stored_epoch = before and tonumber(before.e) or 0
if before and r.expectedEpoch and r.expectedEpoch ~= stored_epoch and lives(leases, before.ref, now_ms) then
  return refuse('fenced')
end

-- Room: on the node, unless it has this session already, and for one more of this tenant.
if not (before and before.ref == me)
  and redis.call('ZLEXCOUNT', owned, '[' .. me .. '/', '(' .. me .. '0') >= node.capacity then
  return refuse('full')
end
local limit = tenant.limits and tenant.limits.sessions
if limit and not before
  and redis.call('ZLEXCOUNT', tenanted, '[' .. r.tenantId .. '/', '(' .. r.tenantId .. '0') >= limit then
  return refuse('limit_exceeded')
end

-- Rises even when Redis lost everything (its clock), its clock went back (floor, stored), or all of it (the agent's).
local floor_us = tonumber(redis.call('HGET', meta, 'floor') or '0') * 1000
r.epoch = math.max(now_us, floor_us, stored_epoch + 1, r.lastEpoch + 1)
r.state, r.connections, r.bytesIn, r.bytesOut = 'idle', 0, 0, 0
r.connectedAtMs, r.changedAtMs = now_ms, now_ms
write_session(key, owned, tenanted, before, me, r)
redis.call('ZREM', reserved, r.sessionId)
mark(watermarks, me)

hint_session(r.sessionId, r.epoch, r.node.id, r.agentId, before and before.node)
local reply = { outcome = 'claimed', epoch = digits(r.epoch), connectedAtMs = now_ms }
if before then
  record(events, 'type', 'session.moved', 'session', r.sessionId, 'tenant', r.tenantId, 'node', r.node.id,
    'boot', r.node.boot, 'epoch', digits(r.epoch), 'from', before.node, 'fromEpoch', before.e)
  reply.previous = { node = before.node, boot = before.boot, epoch = before.e }
  local lease_end = tonumber(redis.call('ZSCORE', leases, before.ref) or now_ms)
  if lease_end < now_ms then reply.previous.vacantMs = math.floor(now_ms - lease_end) end
else
  record(events, 'type', 'session.opened', 'session', r.sessionId, 'tenant', r.tenantId, 'node', r.node.id,
    'boot', r.node.boot, 'epoch', digits(r.epoch))
end
return cjson.encode(reply)
