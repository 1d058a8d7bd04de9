-- Reads totals of service-level counts, each span of time by itself.
--
-- KEYS  totals of spans of time
-- ARGV  1 request, JSON: {fields}
-- Reply JSON: {outcome = 'ok', spans = list {field = counts}}, one for each key; what is not there is left out
--
-- Pre:  none.
-- Post: nothing has changed.

local spans = {}
for place, key in ipairs(KEYS) do
  local values = redis.call('HMGET', key, unpack(request.fields))
  local found = {}
  for index, field in ipairs(request.fields) do
    if values[index] then found[field] = values[index] end
  end
  spans[place] = found
end
return cjson.encode({ outcome = 'ok', spans = spans })
