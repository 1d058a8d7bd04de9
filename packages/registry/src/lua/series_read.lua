-- Reads the samples of one thing.
--
-- KEYS  1 the hash of its samples
-- ARGV  1 request, JSON: {}
-- Reply JSON: {outcome = 'ok', nowMs, samples = list of texts as in series_write.lua, in no order}; an empty list is {}
--
-- Pre:  none.
-- Post: nothing has changed.

return cjson.encode({ outcome = 'ok', nowMs = now_ms, samples = redis.call('HVALS', KEYS[1]) })
