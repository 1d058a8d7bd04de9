-- Puts schedules and maintenance windows back that Redis has lost, once in each round of its data set.
--
-- KEYS  1 schedules  2 windows  3 the round in which this was done last
-- ARGV  1 request, JSON: {round, schedules, windows}; schedules, windows: id → JSON text
-- Reply JSON: {outcome = 'first' | 'known', documents = how many were put back}
--
-- Pre:  what is given was stored in an earlier round, and nobody had deleted it by then.
-- Post: first → whatever of it was not there is there; what is there is as it was. The round is known from now on, so that
--               nobody puts back later what was deleted in this one.
--       known → somebody has done so in this round; nothing changed.

if redis.call('GET', KEYS[3]) == request.round then return cjson.encode({ outcome = 'known', documents = 0 }) end
redis.call('SET', KEYS[3], request.round)
local documents = 0
for place, kept in ipairs({ request.schedules, request.windows }) do
  for id, body in pairs(kept) do
    if redis.call('HEXISTS', KEYS[place], id) == 0 then
      redis.call('HSET', KEYS[place], id, body)
      documents = documents + 1
    end
  end
end
return cjson.encode({ outcome = 'first', documents = documents })
