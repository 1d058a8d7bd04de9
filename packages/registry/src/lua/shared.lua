-- Put in front of every script by scripts.ts.
--
-- ARGV[1] is the request, JSON; with what the runner adds to each: notAfterMs? (Redis's clock), channel, publish
-- ('PUBLISH', or 'SPUBLISH' on a Redis Cluster). Every reply is JSON with names. A command that arrives after its
-- notAfterMs changes nothing and replies {outcome = 'late'}: whoever sent it has given it up.
--
-- Numbers: Lua prints large ones as 1.8e+15 and cjson keeps 14 digits, so whatever can pass 10^14 (epochs,
-- microseconds, byte counts) is written and answered as decimal digits, and read with tonumber (exact to 2^53).
--
-- A session's entry is one string, `node#boot {json}`. The owner stands in front in plain text: a look-up needs no JSON
-- here. One string instead of a hash: it takes the same room whatever its values are, where a hash with one long label
-- takes three times as much. Its fields:
--   t tenant  n name?  p pool?  e epoch  a agent  k key  l labels  s state  c connections?  i, o bytes in, out?
--   f connected at (ms)  h changed at, ms after f?
-- What may be absent is so at its usual value: no name, the pool `default`, 0.

local function digits(number) return string.format('%.0f', number) end

-- The digits of what is above 0, as entries have it.
local function count(number) return number > 0 and digits(number) or nil end

-- Redis's clock: microseconds, milliseconds. The only clock that scripts know.
local function clock()
  local time = redis.call('TIME')
  local us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  return us, math.floor(us / 1000)
end

local request = cjson.decode(ARGV[1])
local now_us, now_ms = clock()
if request.notAfterMs and now_ms > request.notAfterMs then return cjson.encode({ outcome = 'late' }) end

-- `node#boot`; keys.ts has the same.
local function owner_ref(node, boot) return node .. '#' .. boot end

-- Is this boot's lease alive?
local function lives(leases, owner, at_ms)
  local deadline = redis.call('ZSCORE', leases, owner)
  return deadline ~= false and tonumber(deadline) > at_ms
end

-- JSON null is no value, not a value.
local function given(value)
  if value == cjson.null then return nil end
  return value
end

-- This very server, which a failover or a restart changes.
local function server_id() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end

-- When no node has beaten for as long as a lease lasts, all leases are over, whoever lives.
local SILENCE_MS = 6000

-- Is what is not there absent? See beat.lua for rounds.
local function is_whole(meta)
  local current = redis.call('HMGET', meta, 'round', 'whole', 'server', 'beatAt')
  return current[1] and current[1] == current[2] and current[3] == server_id()
    and now_ms - tonumber(current[4]) <= SILENCE_MS
end

-- To every process.
local function hint(message) redis.call(request.publish, request.channel, cjson.encode(message)) end

-- To those who route, and to the workers whom it concerns: the owner and the one before. To all workers it would cost more
-- than the claim that it tells of. keys.ts has the same names.
local function hint_session(session, epoch, owner, agent, before)
  local message = cjson.encode({ kind = 'session', sessionId = session, epoch = digits(epoch), owner = owner or cjson.null,
    agentId = agent or cjson.null })
  redis.call(request.publish, request.channel .. ':sessions', message)
  if owner then redis.call(request.publish, request.channel .. ':of:' .. owner, message) end
  if before and before ~= owner then redis.call(request.publish, request.channel .. ':of:' .. before, message) end
end

local function hint_node(node) hint({ kind = 'node', nodeId = node }) end

local function hint_deployment(id) hint({ kind = 'deployment', id = id }) end

-- One entry of the history; `~` lets Redis trim whole blocks, which costs next to nothing.
local function record(events, ...)
  -- The canary tenant's comings and goings (contracts/src/tenants.ts) would drive out what happened to customers.
  local fields = { ... }
  for i = 1, #fields, 2 do
    if fields[i] == 'tenant' and fields[i + 1] == 'culvert-canary' then return end
  end
  redis.call('XADD', events, 'MAXLEN', '~', '20000', '*', ...)
end

-- The owner carried out its operation `seq`. If Redis lost one that the owner knows to have been carried out (`acked`),
-- the watermark stays behind, so that the next beat sees the gap: a later operation must not hide it.
local function mark(watermarks, owner)
  if not request.seq then return end
  local stored = tonumber(redis.call('HGET', watermarks, owner) or '0')
  if stored >= request.acked and request.seq > stored then redis.call('HSET', watermarks, owner, digits(request.seq)) end
end

-- A session's entry as a table: its fields, its owner as `ref`, and `node`, `boot`; nil when there is none.
local function read_session(key)
  local text = redis.call('GET', key)
  if not text then return nil end
  local ref, json = string.match(text, '^(%S+) (.*)$')
  local entry = cjson.decode(json)
  entry.ref = ref
  entry.node, entry.boot = string.match(ref, '^([^#]+)#(.+)$')
  return entry
end

local function store_session(key, ref, entry)
  entry.ref, entry.node, entry.boot = nil, nil, nil
  redis.call('SET', key, ref .. ' ' .. cjson.encode(entry))
end

-- Takes a session's entry out of the directory, whoever owns it.
local function remove_session(key, owned, tenanted, id, entry)
  redis.call('DEL', key)
  redis.call('ZREM', owned, entry.ref .. '/' .. id)
  redis.call('ZREM', tenanted, entry.t .. '/' .. id)
end

-- Writes what an owner says of a session as owned by `ref`. `before` is the entry that it replaces, or nil.
local function write_session(key, owned, tenanted, before, ref, s)
  local id = s.sessionId
  if before and before.ref ~= ref then redis.call('ZREM', owned, before.ref .. '/' .. id) end
  if not (before and before.ref == ref) then redis.call('ZADD', owned, 0, ref .. '/' .. id) end
  if not before then redis.call('ZADD', tenanted, 0, s.tenantId .. '/' .. id) end
  store_session(key, ref, {
    t = s.tenantId, n = given(s.name), p = s.pool ~= 'default' and s.pool or nil, e = digits(s.epoch), a = s.agentId,
    k = s.keyId, l = s.labels, s = s.state, c = count(s.connections), i = count(s.bytesIn), o = count(s.bytesOut),
    f = digits(s.connectedAtMs), h = count(s.changedAtMs - s.connectedAtMs),
  })
end

-- Does whoever has this fence hold the deploy lease at this very moment? See deploy_lease.lua.
local function holds_fence(lease, fence)
  local stored = redis.call('HMGET', lease, 'fence', 'untilMs')
  return stored[1] ~= false and tonumber(stored[1]) == fence and tonumber(stored[2]) > now_ms
end

-- Writes a deployment's record from the request; what the deploy worker and the API make of it is only text here.
local function write_deployment(key, core, view)
  redis.call('HSET', key, 'revision', digits(request.revision), 'state', request.state, 'over', request.over and '1' or '0',
    'createdAtMs', digits(request.createdAtMs), 'core', core, 'view', view)
end
