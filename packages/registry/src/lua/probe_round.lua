-- Ends a round of probes, with what it found or without.
--
-- KEYS  1 who runs the round  2 the report
-- ARGV  1 request, JSON: {holder, keepMs}  2 the report, JSON text that is only stored; absent: nothing was found out
-- Reply JSON: {outcome = 'ok' | 'lost'}
--
-- Pre:  the holder took the round with SET NX.
-- Post: ok → the report is kept, and the next round may begin. lost → the round took too long and is another's; unchanged.

local round, report = KEYS[1], KEYS[2]

if redis.call('GET', round) ~= request.holder then return cjson.encode({ outcome = 'lost' }) end
if ARGV[2] then redis.call('SET', report, ARGV[2], 'PX', request.keepMs) end
redis.call('DEL', round)
return cjson.encode({ outcome = 'ok' })
