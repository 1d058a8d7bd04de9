-- Keeps what the rehearsal of a failure showed.
--
-- KEYS  1 rehearsals
-- ARGV  1 request, JSON: {body, max}; body: JSON text
-- Reply JSON: {outcome = 'ok'}
--
-- Pre:  none.
-- Post: it is the newest of the rehearsals, and there are no more than max.

redis.call('XADD', KEYS[1], 'MAXLEN', digits(request.max), '*', 'rehearsal', request.body)
return cjson.encode({ outcome = 'ok' })
