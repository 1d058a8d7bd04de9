-- Adds up totals of service-level counts over spans of time.
--
-- KEYS  totals of spans of time
-- ARGV  1 request, JSON: {fields?}; without: all that there are
-- Reply JSON: {outcome = 'ok', sums = {field = counts}}; what is nowhere is left out
--
-- Pre:  none.
-- Post: nothing has changed.

local sums = {}

local function add(field, text)
  local sum = sums[field] or {}
  local place = 0
  for number in string.gmatch(text, '%d+') do
    place = place + 1
    sum[place] = (sum[place] or 0) + tonumber(number)
  end
  sums[field] = sum
end

for _, key in ipairs(KEYS) do
  local fields = request.fields or redis.call('HKEYS', key)
  if #fields > 0 then
    for index, text in ipairs(redis.call('HMGET', key, unpack(fields))) do
      if text then add(fields[index], text) end
    end
  end
end
local texts = {}
for field, sum in pairs(sums) do
  for place = 1, #sum do sum[place] = digits(sum[place]) end
  texts[field] = table.concat(sum, ',')
end
return cjson.encode({ outcome = 'ok', sums = texts })
