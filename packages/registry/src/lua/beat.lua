-- A node renews its lease and says how it is.
--
-- KEYS  1 nodes  2 leases  3 meta  4 settings  5 watermarks  6 events
-- ARGV  1 request, JSON:
--         node {id, boot, role, version, pool, host, pid, proxy?, link?, admin, capacity, admissionRate}
--         load {state, sessions, connections, busy?, bytesIn?, bytesOut?, problems?, startedAt?}
--         confirmed?        the round for which this boot has told everything
--         cordon {revision, cordoned}   what the node was told last of the operator's wish; revision 0: nothing
--         seenMs            highest time of Redis that the process has seen
--         leaseMs (at most 6 s), newMs, lostMs, roundMs
-- Reply JSON: {outcome = 'ok', fresh, watermark, round, recovering, cordoned, cordonRevision, settingsRevision, nowMs}
--           | {outcome = 'dead', replaced}
--
-- Pre:  none; an empty Redis is fine.
-- Post: ok   → the boot's lease ends leaseMs from now, nodes[id] describes this boot, and every other boot of
--              the same id is dead.
--       dead → nothing changed. A boot whose lease has passed once stays dead: somebody may have acted on it.
--              replaced: another process has registered under this node id since, and lives.
--
-- Rounds. A data set is believed to be whole, so that "not there" means absent, once every worker that lives has
-- confirmed that it holds all of that worker's sessions. Each server (by its run id) that begins to serve a data set
-- opens a round: after a loss, a restart, a failover; and so does a server that was silent for a lease. The round ends when all live workers have confirmed it and it is
-- newMs old (two beats: everybody who knows of an earlier one has been heard), lostMs if one did (who was cut off has had
-- the time to come back); roundMs after it began in any case.

local nodes, leases, meta, settings, watermarks, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local node, load = request.node, request.load
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

-- Redis's clock went back: leases from before would hold for as long as it jumped. Each has a whole one from now.
local FAR_MS = 12000 -- no lease is as long
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. digits(now_ms + FAR_MS), '+inf', 'LIMIT', 0, 100)) do
  redis.call('ZADD', leases, now_ms + request.leaseMs, ref)
end
redis.call('ZADD', leases, now_ms + request.leaseMs, me)

-- Of the operator's wish, the newer one counts: Redis may have lost it, the node may not have heard of it.
local cordon = { revision = before and tonumber(before.cordonRevision) or 0, cordoned = before ~= nil and before.cordoned }
if request.cordon.revision > cordon.revision then cordon = request.cordon end

node.state, node.sessions, node.connections = load.state, load.sessions, load.connections
node.busy, node.startedAt = load.busy, load.startedAt
node.bytesIn, node.bytesOut = load.bytesIn and digits(load.bytesIn), load.bytesOut and digits(load.bytesOut)
node.problems = load.problems and #load.problems > 0 and load.problems or nil
node.cordoned, node.cordonRevision, node.beatAt = cordon.cordoned, digits(cordon.revision), now_ms
node.confirmed = request.confirmed
redis.call('HSET', nodes, node.id, cjson.encode(node))

if not before or before.boot ~= node.boot or before.state ~= load.state then
  hint_node(node.id)
  record(events, 'type', 'node.state', 'node', node.id, 'boot', node.boot, 'role', node.role, 'state', load.state)
end

-- Epochs begin with the time; this keeps them from falling behind when the clock goes back.
local floor_ms = tonumber(redis.call('HGET', meta, 'floor') or '0')
if math.max(request.seenMs, now_ms) > floor_ms then
  redis.call('HSET', meta, 'floor', digits(math.max(request.seenMs, now_ms)))
end

local function open_round(why, lost)
  local round = digits(now_us)
  redis.call('HSET', meta, 'round', round, 'server', server_id(), 'since', digits(now_ms), 'lost', lost and '1' or '0', 'whole', '')
  record(events, 'type', 'registry.recovering', 'round', round, 'why', why)
  return { round, server_id(), digits(now_ms), lost and '1' or '0', '' }
end

local function all_confirmed(round)
  for _, text in ipairs(redis.call('HVALS', nodes)) do
    local other = cjson.decode(text)
    if other.role == 'worker' and given(other.confirmed) ~= round
      and lives(leases, owner_ref(other.id, other.boot), now_ms) then return false end
  end
  return true
end

local current = redis.call('HMGET', meta, 'round', 'server', 'since', 'lost', 'whole', 'beatAt')
redis.call('HSET', meta, 'beatAt', digits(now_ms))
local remembers = given(request.confirmed) ~= nil
if not current[1] then
  current = open_round(remembers and 'data_lost' or 'empty', remembers)
elseif current[2] ~= server_id() then
  current = open_round('another_server', true)
elseif now_ms - tonumber(current[6]) > SILENCE_MS then
  current = open_round('silence', true)
elseif current[5] ~= current[1] and current[4] ~= '1' and remembers and request.confirmed ~= current[1] then
  redis.call('HSET', meta, 'lost', '1')
  current[4] = '1'
end
local round, since_ms = current[1], tonumber(current[3])
local whole = current[5] == round
if not whole then
  -- The clock went back meanwhile: the round is as young as can be.
  if now_ms < since_ms then redis.call('HSET', meta, 'since', digits(now_ms)) end
  local age_ms = math.max(0, now_ms - since_ms)
  local settled = age_ms >= (current[4] == '1' and request.lostMs or request.newMs)
  if (settled and all_confirmed(round)) or age_ms >= request.roundMs then
    redis.call('HSET', meta, 'whole', round, 'wholeAt', digits(now_ms))
    record(events, 'type', 'registry.recovered', 'round', round, 'tookMs', digits(age_ms))
    whole = true
  end
end

return cjson.encode({
  outcome = 'ok',
  fresh = fresh,
  watermark = tonumber(redis.call('HGET', watermarks, me) or '0'),
  round = round,
  recovering = not whole,
  cordoned = cordon.cordoned,
  cordonRevision = digits(cordon.revision),
  settingsRevision = tonumber(redis.call('HGET', settings, 'revision') or '0'),
  nowMs = now_ms,
})
