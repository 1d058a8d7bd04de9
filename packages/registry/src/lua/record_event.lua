-- Tells the history something that no other script does.
--
-- KEYS  1 events
-- ARGV  1 request, JSON: {event = [field, value, …]}; `type` among the fields
-- Reply JSON: {outcome = 'ok'}
--
-- Pre:  none.
-- Post: the history has it.

record(KEYS[1], unpack(request.event))
return cjson.encode({ outcome = 'ok' })
