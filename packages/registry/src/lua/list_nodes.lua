-- Reads nodes together with their leases.
--
-- KEYS  1 nodes  2 leases
-- ARGV  1 request, JSON: {id?}; without id: all
-- Reply JSON: {outcome = 'ok', nowMs, nodes = [{record = JSON text, leaseEndsMs}]}; an empty list
--       is {} (cjson knows no empty array); leaseEndsMs is 0 without a lease
--
-- Pre:  none.
-- Post: nothing is written.

local nodes, leases = KEYS[1], KEYS[2]

local records
if request.id then
  records = { redis.call('HGET', nodes, request.id) or nil }
else
  records = redis.call('HVALS', nodes)
end

local found = {}
for i, text in ipairs(records) do
  local node = cjson.decode(text)
  local ends = redis.call('ZSCORE', leases, owner_ref(node.id, node.boot))
  found[i] = { record = text, leaseEndsMs = digits(tonumber(ends or '0')) }
end
return cjson.encode({ outcome = 'ok', nowMs = now_ms, nodes = found })
