-- An operator wants something of a deployment.
--
-- KEYS  1 its record  2 its commands
-- ARGV  1 request, JSON: {id, command, max}; command: the command's id  2 the command, JSON text
-- Reply JSON: {outcome = 'ok' | 'absent' | 'over' | 'full'}
--
-- Pre:  none.
-- Post: ok → it waits for the next tick behind those that wait already; one of the same id that waits is unchanged.
--       else unchanged.

local record_key, commands = KEYS[1], KEYS[2]

local over = redis.call('HGET', record_key, 'over')
if not over then return cjson.encode({ outcome = 'absent' }) end
if over == '1' then return cjson.encode({ outcome = 'over' }) end
if redis.call('HEXISTS', commands, request.command) == 0 then
  local waiting = redis.call('HVALS', commands)
  if #waiting >= request.max then return cjson.encode({ outcome = 'full' }) end
  -- A hash has no order, and clocks go back.
  local last = 0
  for _, text in ipairs(waiting) do last = math.max(last, tonumber(string.match(text, '^%d+'))) end
  redis.call('HSET', commands, request.command, digits(last + 1) .. ' ' .. ARGV[2])
end
hint_deployment(request.id)
return cjson.encode({ outcome = 'ok' })
