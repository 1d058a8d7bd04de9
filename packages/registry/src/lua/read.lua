-- Reads sessions together with their owners' leases.
--
-- KEYS  1 leases  2..n entries
-- ARGV  1 request, JSON: {ids = [session id] in the order of the entries, needles = [text in lower case]}
-- Reply JSON: {outcome = 'ok', sessions = [{id, entry = text, live}]}
--       without those that have no entry, or lack a needle in both id and entry; an empty list is {} (cjson knows no
--       empty array)
--
-- Pre:  none.
-- Post: nothing is written. `live` says whether the owner's lease lives at this very moment.

local leases = KEYS[1]
local FIRST = 2
local alive = {} -- asked once per owner, not once per session

local function has_all(needles, id, text)
  if #needles == 0 then return true end
  local lower = string.lower(text)
  for _, needle in ipairs(needles) do
    if not (string.find(lower, needle, 1, true) or string.find(string.lower(id), needle, 1, true)) then return false end
  end
  return true
end

local found = {}
for i, id in ipairs(request.ids) do
  local text = redis.call('GET', KEYS[FIRST + i - 1])
  if text and has_all(request.needles, id, text) then
    local ref = string.match(text, '^%S+')
    if alive[ref] == nil then alive[ref] = lives(leases, ref, now_ms) end
    found[#found + 1] = { id = id, entry = text, live = alive[ref] }
  end
end
return cjson.encode({ outcome = 'ok', sessions = found })
