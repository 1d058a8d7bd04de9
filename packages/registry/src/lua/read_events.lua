-- Part of the history, with its edges at that very moment: what is trimmed meanwhile would look complete.
--
-- KEYS  1 events
-- ARGV  1 request, JSON: {first, last (as XRANGE has them), newestFirst?, count}
-- Reply JSON: {outcome = 'ok', oldest?, newest? (ids of all that is kept), entries = [{id, fields}]}
--
-- Pre:  none.
-- Post: nothing is written.

local events = KEYS[1]

local reply = { outcome = 'ok', entries = {} }
for _, entry in ipairs(redis.call('XRANGE', events, '-', '+', 'COUNT', '1')) do reply.oldest = entry[1] end
for _, entry in ipairs(redis.call('XREVRANGE', events, '+', '-', 'COUNT', '1')) do reply.newest = entry[1] end

local found
if request.newestFirst then
  found = redis.call('XREVRANGE', events, request.last, request.first, 'COUNT', digits(request.count))
else
  found = redis.call('XRANGE', events, request.first, request.last, 'COUNT', digits(request.count))
end
for index, entry in ipairs(found) do
  local fields = {}
  for at = 1, #entry[2], 2 do fields[entry[2][at]] = entry[2][at + 1] end
  reply.entries[index] = { id = entry[1], fields = fields }
end
return cjson.encode(reply)
