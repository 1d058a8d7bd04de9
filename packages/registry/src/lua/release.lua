-- An owner gives a session up.
--
-- KEYS  1 the session's entry  2 owned  3 tenanted  4 watermarks  5 events
-- ARGV  1 request, JSON: {sessionId, node {id, boot}, epoch, reason, seq, acked}
-- Reply JSON: {outcome = 'released' | 'fenced' | 'absent'}
--
-- Pre:  none; releasing twice does nothing more.
-- Post: released → no entry, no index member; a hint and an event are out.
--       fenced   → a newer owner has it; unchanged.
--       absent   → there is nothing of this epoch, or an older one; unchanged.
-- An epoch belongs to one claim, so the node is enough to know it again: its boot may have been renewed since. An entry with
-- an older epoch is of an ownership that was over before this one began: a failover has lost the claim between them.

local key, owned, tenanted, watermarks, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

mark(watermarks, owner_ref(request.node.id, request.node.boot))
local entry = read_session(key)
local epoch = entry and tonumber(entry.e) or 0
if epoch > request.epoch then return cjson.encode({ outcome = 'fenced' }) end
if not entry or (epoch == request.epoch and entry.node ~= request.node.id) then return cjson.encode({ outcome = 'absent' }) end

remove_session(key, owned, tenanted, request.sessionId, entry)
hint_session(request.sessionId, epoch, nil, nil, entry.node)
record(events, 'type', 'session.closed', 'session', request.sessionId, 'tenant', entry.t,
  'node', entry.node, 'boot', entry.boot, 'epoch', entry.e, 'reason', request.reason)
return cjson.encode({ outcome = 'released' })
