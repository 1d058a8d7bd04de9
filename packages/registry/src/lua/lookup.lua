-- Where is this session served? The one script on the path of a request, so it carries neither JSON nor shared.lua.
--
-- KEYS  1 the session's entry  2 leases  3 nodes  4 meta
-- ARGV  none
-- Reply names and values in turn: {'entry', text, 'live', '1', 'owner', JSON of the node} for a session whose owner lives;
--       {'entry', text, 'live', '0', 'recovering', '0'|'1'} for one whose owner's lease is over;
--       {'live', '0', 'recovering', '0'|'1'} for one that has no entry. recovering: it may only be missing.
--
-- Pre:  none.
-- Post: nothing is written. `live` says whether the owner's lease lives at this very moment.

local SILENCE_MS = 6000 -- as in shared.lua
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + time[2] / 1000
local entry = redis.call('GET', KEYS[1])
if entry then
  local owner = string.match(entry, '^%S+')
  local deadline = redis.call('ZSCORE', KEYS[2], owner)
  if deadline and tonumber(deadline) > now_ms then
    local node = redis.call('HGET', KEYS[3], string.match(owner, '^[^#]+'))
    return { 'entry', entry, 'live', '1', 'owner', node or '' }
  end
end

local meta = redis.call('HMGET', KEYS[4], 'round', 'server', 'whole', 'beatAt')
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local whole = meta[1] and meta[1] == meta[3] and meta[2] == server and now_ms - tonumber(meta[4]) <= SILENCE_MS
local reply = { 'live', '0', 'recovering', whole and '0' or '1' }
if entry then
  reply[5], reply[6] = 'entry', entry
end
return reply
