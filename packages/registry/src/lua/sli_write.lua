-- Takes in what boots counted for service-level indicators, and adds it to the totals.
--
-- KEYS  1, 3, 5 … totals of one span of time  2, 4, 6 … what each boot counted in it
-- ARGV  1 request, JSON: {spans = list {totalsUntilMs, bootsUntilMs}, buckets = list {at, field, source, tenant, counts},
--         maxFields, maxTotals}; at: which pair of KEYS, from 1; counts: whole numbers between commas
-- Reply JSON: {outcome = 'ok', left}; left: how many were not taken because there are too many
--
-- Pre:  none.
-- Post: the field of each bucket is as told; totals have changed by the difference, so telling again changes nothing. A span
--       for which boots' own counts are no longer kept is left as it is. Tenants beyond maxTotals are in `~other`.

local function numbers(text)
  local list = {}
  for number in string.gmatch(text or '', '%d+') do list[#list + 1] = tonumber(number) end
  return list
end

-- total + new - old, by place; what is not there is 0.
local function moved(total, old, new)
  local sums, from, to = numbers(total), numbers(old), numbers(new)
  for place = 1, math.max(#sums, #from, #to) do
    sums[place] = digits(math.max(0, (sums[place] or 0) + (to[place] or 0) - (from[place] or 0)))
  end
  return table.concat(sums, ',')
end

local function add(totals, field, old, new)
  redis.call('HSET', totals, field, moved(redis.call('HGET', totals, field), old, new))
end

local function total_of(totals, source, tenant)
  local field = source .. '/' .. tenant
  local full = redis.call('HEXISTS', totals, field) == 0 and redis.call('HLEN', totals) >= request.maxTotals
  return full and source .. '/~other' or field
end

local left = 0
for _, bucket in ipairs(request.buckets) do
  local totals, boots = KEYS[bucket.at * 2 - 1], KEYS[bucket.at * 2]
  local old = redis.call('HGET', boots, bucket.field)
  if request.spans[bucket.at].bootsUntilMs > now_ms and old ~= bucket.counts then
    if not old and redis.call('HLEN', boots) >= request.maxFields then
      left = left + 1
    else
      redis.call('HSET', boots, bucket.field, bucket.counts)
      add(totals, bucket.source, old or '', bucket.counts)
      add(totals, total_of(totals, bucket.source, bucket.tenant), old or '', bucket.counts)
    end
  end
end
for at, span in ipairs(request.spans) do
  if span.bootsUntilMs > now_ms then
    redis.call('PEXPIRE', KEYS[at * 2 - 1], digits(span.totalsUntilMs - now_ms))
    redis.call('PEXPIRE', KEYS[at * 2], digits(span.bootsUntilMs - now_ms))
  end
end
return cjson.encode({ outcome = 'ok', left = left })
