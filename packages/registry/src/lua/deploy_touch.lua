-- Keeps what a deployment touched, for its receipt.
--
-- KEYS  1 the deployment's record  2 what it touched
-- ARGV  1 request, JSON: {entries = {key = JSON text}, max, keepMs}
-- Reply JSON: {outcome = 'ok', left}; left: how many are not stored
--
-- Pre:  none.
-- Post: each entry is stored, in place of an earlier one of its key, except new keys beyond `max`. Without a deployment
--       under way it is for a while only: nobody may come to remove it.

local record_key, touched = KEYS[1], KEYS[2]

local room = request.max - redis.call('HLEN', touched)
local left = 0
for key, text in pairs(request.entries) do
  local new = redis.call('HEXISTS', touched, key) == 0
  if new and room <= 0 then
    left = left + 1
  else
    redis.call('HSET', touched, key, text)
    if new then room = room - 1 end
  end
end
if redis.call('HGET', record_key, 'over') ~= '0' then redis.call('PEXPIRE', touched, digits(request.keepMs)) end
return cjson.encode({ outcome = 'ok', left = left })
