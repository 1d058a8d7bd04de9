-- Takes the sessions of a boot that is long dead out of the directory.
--
-- KEYS  1 sessions  2 owned  3 tenanted  4 leases  5..n one entry per id, in the same order
-- ARGV  1 request, JSON: {owner = 'node#boot', graceMs, ids = [session id]}
-- Reply JSON: {outcome = 'swept', removed} | {outcome = 'alive'}
--
-- Pre:  the ids were found in `owned` under this owner; that may have changed since.
-- Post: swept → none of the ids is listed under this owner; entries that another owner took are untouched.
--       alive → the owner's lease lives or ended less than graceMs ago; nothing changed.

local sessions, owned, tenanted, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local FIRST = 5
local request = cjson.decode(ARGV[1])
local _, now_ms = clock()

if lives(leases, request.owner, now_ms - request.graceMs) then return cjson.encode({ outcome = 'alive' }) end

local removed = 0
for i, id in ipairs(request.ids) do
  local key = KEYS[FIRST + i - 1]
  local entry = read_hash(key)
  if entry and owner_ref(entry.node, entry.boot) == request.owner then
    remove_session(key, sessions, owned, tenanted, entry)
    removed = removed + 1
  else
    redis.call('ZREM', owned, request.owner .. '/' .. id)
  end
end
return cjson.encode({ outcome = 'swept', removed = removed })
