-- Reads nodes together with their leases.
--
-- KEYS  1 nodes  2 leases
-- ARGV  1 request, JSON: {id?}; without id: all
-- Reply JSON: {outcome = 'ok', nowMs, nodes = [{record = JSON text, live}]}; an empty list is {} (cjson knows no empty array)
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
  found[i] = { record = text, live = lives(leases, owner_ref(node.id, node.boot), now_ms) }
end
return cjson.encode({ outcome = 'ok', nowMs = now_ms, nodes = found })
