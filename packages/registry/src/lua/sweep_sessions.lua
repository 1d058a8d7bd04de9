-- Takes the sessions of a boot that is long dead out of the directory.
--
-- KEYS  1 owned  2 tenanted  3 leases  4 nodes  5 meta  6 events  7..n one entry per id, in the same order
-- ARGV  1 request, JSON: {owner = 'node#boot', graceMs, ids = [session id]}
-- Reply JSON: {outcome = 'swept', removed} | {outcome = 'alive' | 'unsettled' | 'too_many_missing'}
--
-- Pre:  the ids were found in `owned` under this owner; that may have changed since.
-- Post: swept → none of the ids is listed under this owner; entries that another owner took are untouched;
--         the history has how many went.
--       alive → the owner's lease lives or ended less than graceMs ago; nothing changed.
--       unsettled → Redis came back (or changed) less than graceMs ago, or is not whole: who is missing may be on its way.
--       too_many_missing → more than a third of the workers are dead: that looks like a fault of ours; nothing changed.

local owned, tenanted, leases, nodes, meta, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local FIRST = 7

if lives(leases, request.owner, now_ms - request.graceMs) then return cjson.encode({ outcome = 'alive' }) end

if not is_whole(meta) or now_ms - tonumber(redis.call('HGET', meta, 'wholeAt')) < request.graceMs then
  return cjson.encode({ outcome = 'unsettled' })
end

local workers, missing = 0, 0
for _, text in ipairs(redis.call('HVALS', nodes)) do
  local node = cjson.decode(text)
  if node.role == 'worker' then
    workers = workers + 1
    if not lives(leases, owner_ref(node.id, node.boot), now_ms) then missing = missing + 1 end
  end
end
if missing * 3 > workers then return cjson.encode({ outcome = 'too_many_missing' }) end

local removed = 0
for i, id in ipairs(request.ids) do
  local key = KEYS[FIRST + i - 1]
  local entry = read_session(key)
  if entry and entry.ref == request.owner then
    remove_session(key, owned, tenanted, id, entry)
    removed = removed + 1
  else
    redis.call('ZREM', owned, request.owner .. '/' .. id)
  end
end
if removed > 0 then
  local node, boot = string.match(request.owner, '^([^#]+)#(.+)$')
  record(events, 'type', 'node.swept', 'node', node, 'boot', boot, 'sessions', digits(removed))
end
return cjson.encode({ outcome = 'swept', removed = removed })
