-- What data set is this, and is it whole? See beat.lua for rounds.
--
-- KEYS  1 meta  2 tenanted  3 leases
-- ARGV  1 request, JSON: {}
-- Reply JSON: {outcome = 'ok', nowMs, round?, recovering, sinceMs?, server, sessions, nodes}
--
-- Pre:  none.
-- Post: nothing is written.

local current = redis.call('HMGET', KEYS[1], 'round', 'since')
return cjson.encode({
  outcome = 'ok',
  nowMs = now_ms,
  round = current[1] or nil,
  recovering = not is_whole(KEYS[1]),
  sinceMs = current[2] and tonumber(current[2]) or nil,
  server = server_id(),
  sessions = redis.call('ZCARD', KEYS[2]),
  nodes = redis.call('ZCOUNT', KEYS[3], '(' .. digits(now_ms), '+inf'),
})
