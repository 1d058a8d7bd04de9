-- The API keeps a place on a worker for a session whose agent is about to come, and gives the agent a slot.
--
-- KEYS  1 nodes  2 leases  3 owned  4 admission  5… reserved:<id>, one for each candidate, in the same order
-- ARGV  1 request, JSON:
--         sessionId, candidates [{id, boot}] (at most 8, the better liked first), pool,
--         holdMs (how long the place is kept from the slot on), horizonMs (how far away a slot may be)
-- Reply JSON: {outcome = 'reserved', node, delayMs} | {outcome = 'full'} | {outcome = 'none'}
--           | {outcome = 'overloaded', retryAfterMs}
--
-- Pre:  none; an empty Redis answers `none`.
-- Post: reserved   → the place counts on that worker, and on no other candidate, until the session is claimed there or
--                    the hold is over; slots of one worker are at least 1/rate apart, save for a burst.
--       full       → each candidate that could take sessions has none to spare.
--       overloaded → some have room, but no slot within the horizon; the nearest comes into it in retryAfterMs.
--       none       → no candidate is a ready worker of this pool under this boot.
--       Otherwise nothing changed but what had expired.

local nodes, leases, owned, admission = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now = now_us / 1000

-- So much of a worker's rate may come at once after a quiet time.
local BURST_MS = 2000

-- nil: it takes no sessions of this pool now.
local function usable(candidate)
  local stored = redis.call('HGET', nodes, candidate.id)
  if not stored then return nil end
  local node = cjson.decode(stored)
  if node.boot ~= candidate.boot or not lives(leases, owner_ref(node.id, node.boot), now_ms) then return nil end
  if node.role ~= 'worker' or node.state ~= 'ready' or node.cordoned or node.pool ~= request.pool then return nil end
  return node
end

-- The directory counts a session that is there already; what is kept for this very session is not in its way.
local function weigh(node, reserved)
  redis.call('ZREMRANGEBYSCORE', reserved, '-inf', now_ms)
  local me = owner_ref(node.id, node.boot)
  local load = redis.call('ZLEXCOUNT', owned, '[' .. me .. '/', '(' .. me .. '0') + redis.call('ZCARD', reserved)
  local held = redis.call('ZSCORE', reserved, request.sessionId)
  local owns = redis.call('ZSCORE', owned, me .. '/' .. request.sessionId) ~= false
  if held then load = load - 1 end
  if owns then load = load - 1 end
  return { node = node, reserved = reserved, load = load, owns = owns, held = held and tonumber(held) or nil }
end

-- GCRA (ITU-T I.371): one number per worker, when the next session would be due if all came evenly.
local function slot(choice)
  if choice.owns then return now, nil end
  if choice.held then return math.max(now, choice.held - request.holdMs), nil end
  local rate = given(choice.node.admissionRate)
  if not rate then return now, nil end -- a worker of 0.1
  if rate <= 0 then return math.huge, nil end
  local every = 1000 / rate
  local tolerance = math.max(0, BURST_MS - every)
  local due = tonumber(redis.call('HGET', admission, choice.node.id) or '0')
  -- Further away than any that was given: Redis's clock has gone back.
  if due > now + tolerance + request.horizonMs + every then due = 0 end
  local at = math.max(now, due - tolerance)
  return at, math.max(due, at) + every
end

local choices, seen = {}, 0
for i, candidate in ipairs(request.candidates) do
  local node = usable(candidate)
  if node then
    seen = seen + 1
    local choice = weigh(node, KEYS[4 + i])
    choice.order = i
    if choice.load < node.capacity then choices[#choices + 1] = choice end
  end
end
if seen == 0 then return cjson.encode({ outcome = 'none' }) end
if #choices == 0 then return cjson.encode({ outcome = 'full' }) end

-- A place that is kept already is taken again: whoever asks twice holds one.
local function rank(choice)
  if choice.held then return -1 end
  return choice.load / choice.node.capacity
end
table.sort(choices, function(a, b)
  local mine, other = rank(a), rank(b)
  if mine ~= other then return mine < other end
  return a.order < b.order
end)

local nearest = math.huge
for _, choice in ipairs(choices) do
  local at, due = slot(choice)
  if at - now <= request.horizonMs then
    for i = 1, #request.candidates do redis.call('ZREM', KEYS[4 + i], request.sessionId) end
    if not choice.owns then
      redis.call('ZADD', choice.reserved, digits(math.floor(at + request.holdMs)), request.sessionId)
      redis.call('PEXPIRE', choice.reserved, digits(request.holdMs + request.horizonMs))
    end
    if due then
      redis.call('HSET', admission, choice.node.id, string.format('%.3f', due))
      -- Nodes come and go under new ids: those that are gone leave nothing behind.
      if redis.call('HLEN', admission) > redis.call('HLEN', nodes) then
        for _, id in ipairs(redis.call('HKEYS', admission)) do
          if redis.call('HEXISTS', nodes, id) == 0 then redis.call('HDEL', admission, id) end
        end
      end
    end
    return cjson.encode({ outcome = 'reserved', node = choice.node.id, delayMs = math.ceil(at - now) })
  end
  nearest = math.min(nearest, at - now - request.horizonMs)
end
if nearest == math.huge then return cjson.encode({ outcome = 'none' }) end
return cjson.encode({ outcome = 'overloaded', retryAfterMs = math.ceil(nearest) })
