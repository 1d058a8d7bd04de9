-- A deploy worker says where new sessions go while a canary is watched, or that there is none.
--
-- KEYS  1 rollout  2 deploy lease
-- ARGV  1 request, JSON: {fence, body?}; body: JSON text; without it there is none
-- Reply JSON: {outcome = 'ok' | 'fenced'}
--
-- Pre:  none.
-- Post: ok     → it is so; if it was not, a hint is out.
--       fenced → the lease is another's by now, or has lapsed; unchanged.

local rollout = KEYS[1]

if not holds_fence(KEYS[2], request.fence) then return cjson.encode({ outcome = 'fenced' }) end
local before = redis.call('GET', rollout)
if before ~= (request.body or false) then
  if request.body then redis.call('SET', rollout, request.body) else redis.call('DEL', rollout) end
  hint_deployment(cjson.decode(request.body or before).deployment)
end
return cjson.encode({ outcome = 'ok' })
