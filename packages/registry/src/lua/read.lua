-- Reads sessions together with their owners' leases.
--
-- KEYS  1 nodes  2 leases  3 meta  4..n entries
-- ARGV  none
-- Reply JSON: {generation?, sessions = [{…fields of the entry, live, link?, proxy?}]}
--       without those that have no entry; an empty list is {} (cjson knows no empty array)
--
-- Pre:  none.
-- Post: nothing is written. `live` says whether the owner's lease lives at this very moment.

local nodes, leases, meta = KEYS[1], KEYS[2], KEYS[3]
local FIRST = 4
local _, now_ms = clock()
local owners = {} -- read once per owner, not once per session

local function owner_of(entry)
  local ref = owner_ref(entry.node, entry.boot)
  if not owners[ref] then
    local owner = { live = lives(leases, ref, now_ms) }
    local stored = owner.live and redis.call('HGET', nodes, entry.node)
    local node = stored and cjson.decode(stored)
    if node and node.boot == entry.boot then owner.link, owner.proxy = node.link, node.proxy end
    owners[ref] = owner
  end
  return owners[ref]
end

local found = {}
for i = FIRST, #KEYS do
  local entry = read_hash(KEYS[i])
  if entry then
    local owner = owner_of(entry)
    entry.live, entry.link, entry.proxy = owner.live, owner.link, owner.proxy
    found[#found + 1] = entry
  end
end
return cjson.encode({ generation = redis.call('HGET', meta, 'generation') or nil, sessions = found })
