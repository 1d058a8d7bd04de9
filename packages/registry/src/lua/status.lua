-- What data set is this, and is it whole? See beat.lua for rounds.
--
-- KEYS  1 meta  2 tenanted  3 leases
-- ARGV  1 request, JSON: {}
-- Reply JSON: {outcome = 'ok', nowMs, round?, recovering, sinceMs?, server, sessions, nodes}
--
-- Pre:  none.
-- Post: nothing is written.

local current = redis.call('HMGET', KEYS[1], 'round', 'server', 'since', 'whole')
local server = server_id()
return cjson.encode({
  outcome = 'ok',
  nowMs = now_ms,
  round = current[1] or nil,
  recovering = not (current[1] and current[4] == current[1] and current[2] == server),
  sinceMs = current[3] and tonumber(current[3]) or nil,
  server = server,
  sessions = redis.call('ZCARD', KEYS[2]),
  nodes = redis.call('ZCOUNT', KEYS[3], '(' .. digits(now_ms), '+inf'),
})
