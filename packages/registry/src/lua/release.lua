-- An owner gives a session up.
--
-- KEYS  1 the session's entry  2 sessions  3 owned  4 tenanted  5 events
-- ARGV  1 request, JSON: {sessionId, node {id, boot}, epoch, reason, channel}
-- Reply JSON: {outcome = 'released' | 'fenced' | 'absent'}
--
-- Pre:  none; releasing twice does nothing more.
-- Post: released → no entry, no index member; a hint and an event are out.
--       fenced   → a newer owner has it; unchanged.
--       absent   → there is nothing of this epoch; unchanged.
-- An epoch belongs to one claim, so the node is enough to know it again: its boot may have been renewed since.

local key, sessions, owned, tenanted, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local request = cjson.decode(ARGV[1])

local entry = read_hash(key)
local epoch = entry and tonumber(entry.epoch) or 0
if epoch > request.epoch then return cjson.encode({ outcome = 'fenced' }) end
if epoch ~= request.epoch or entry.node ~= request.node.id then return cjson.encode({ outcome = 'absent' }) end

remove_session(key, sessions, owned, tenanted, entry)
hint_session(request.channel, request.sessionId, epoch, nil)
record(events, 'type', 'session.released', 'session', request.sessionId, 'tenant', entry.tenant,
  'node', entry.node, 'boot', entry.boot, 'epoch', entry.epoch, 'reason', request.reason)
return cjson.encode({ outcome = 'released' })
