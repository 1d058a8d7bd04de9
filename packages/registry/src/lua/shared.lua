-- Put in front of every script by scripts.ts.
--
-- Numbers: Lua prints large ones as 1.8e+15 and cjson keeps 14 digits, so whatever can pass 10^14 (epochs,
-- microseconds, byte counts) is written and answered as decimal digits, and read with tonumber (exact to 2^53).

local function digits(number) return string.format('%.0f', number) end

-- Redis's clock: microseconds, milliseconds. The only clock that scripts know.
local function clock()
  local time = redis.call('TIME')
  local us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  return us, math.floor(us / 1000)
end

-- `node#boot`; keys.ts has the same.
local function owner_ref(node, boot) return node .. '#' .. boot end

-- Is this boot's lease alive?
local function lives(leases, owner, now_ms)
  local deadline = redis.call('ZSCORE', leases, owner)
  return deadline ~= false and tonumber(deadline) > now_ms
end

-- JSON null is no value, not a value.
local function given(value)
  if value == cjson.null then return nil end
  return value
end

-- A hash as a table; nil when there is none.
local function read_hash(key)
  local flat = redis.call('HGETALL', key)
  if #flat == 0 then return nil end
  local row = {}
  for i = 1, #flat, 2 do row[flat[i]] = flat[i + 1] end
  return row
end

local function hint_session(channel, session, epoch, owner, agent)
  redis.call('PUBLISH', channel, cjson.encode({ kind = 'session', sessionId = session, epoch = digits(epoch),
    owner = owner or cjson.null, agentId = agent or cjson.null }))
end

local function hint_node(channel, node)
  redis.call('PUBLISH', channel, cjson.encode({ kind = 'node', nodeId = node }))
end

-- One entry of the history; `~` lets Redis trim whole blocks, which costs next to nothing.
local function record(events, ...)
  redis.call('XADD', events, 'MAXLEN', '~', '10000', '*', ...)
end

-- Takes a session's entry out of the directory, whoever owns it.
local function remove_session(key, sessions, owned, tenanted, entry)
  redis.call('DEL', key)
  redis.call('ZREM', sessions, entry.id)
  redis.call('ZREM', owned, owner_ref(entry.node, entry.boot) .. '/' .. entry.id)
  redis.call('ZREM', tenanted, entry.tenant .. '/' .. entry.id)
end

-- Writes a session's entry as owned by `node` with `epoch`. `before` is the entry that it replaces, or nil.
local function write_session(key, sessions, owned, tenanted, before, s)
  if before then remove_session(key, sessions, owned, tenanted, before) end
  redis.call('HSET', key,
    'id', s.sessionId, 'tenant', s.tenantId, 'node', s.node.id, 'boot', s.node.boot, 'pool', s.pool,
    'epoch', digits(s.epoch), 'agent', s.agentId, 'key', s.keyId, 'labels', s.labels, 'state', s.state,
    'connections', digits(s.connections), 'bytesIn', digits(s.bytesIn), 'bytesOut', digits(s.bytesOut),
    'connectedAt', digits(s.connectedAtMs), 'changedAt', digits(s.changedAtMs))
  if given(s.name) then redis.call('HSET', key, 'name', s.name) end
  redis.call('ZADD', sessions, 0, s.sessionId)
  redis.call('ZADD', owned, 0, owner_ref(s.node.id, s.node.boot) .. '/' .. s.sessionId)
  redis.call('ZADD', tenanted, 0, s.tenantId .. '/' .. s.sessionId)
end
