-- Reads sessions together with their owners' leases.
--
-- KEYS  1 leases  2..n entries
-- ARGV  1 request, JSON: {ids = [session id]} in the order of the entries
-- Reply JSON: {outcome = 'ok', sessions = [{id, entry = text, live}]}
--       without those that have no entry; an empty list is {} (cjson knows no empty array)
--
-- Pre:  none.
-- Post: nothing is written. `live` says whether the owner's lease lives at this very moment.

local leases = KEYS[1]
local FIRST = 2
local alive = {} -- asked once per owner, not once per session

local found = {}
for i, id in ipairs(request.ids) do
  local text = redis.call('GET', KEYS[FIRST + i - 1])
  if text then
    local ref = string.match(text, '^%S+')
    if alive[ref] == nil then alive[ref] = lives(leases, ref, now_ms) end
    found[#found + 1] = { id = id, entry = text, live = alive[ref] }
  end
end
return cjson.encode({ outcome = 'ok', sessions = found })
