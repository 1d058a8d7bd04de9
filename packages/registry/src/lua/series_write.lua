-- Keeps one sample of the cluster and its nodes.
--
-- KEYS  for each thing that was sampled, the cluster first, one hash for each of the windows
-- ARGV  1 request, JSON: {windows = list {stepMs, slots}, samples = list of lists of numbers; null: not known}
-- Reply JSON: {outcome = 'ok' | 'had'}
--
-- A slot's text is `step count sum count sum …`, a count and a sum for each value: how many samples of that step told it,
-- and what they add up to.
--
-- Pre:  #KEYS = #samples * #windows; the first window has the shortest steps.
-- Post: ok  → the step of the first window that is now has this sample, and it is added to those of the longer steps. No
--             hash has more than its window's slots, and one that gets no samples is gone a window later.
--       had → somebody had written that step already; nothing has changed. So each step is counted once, whoever samples.

local windows, samples = request.windows, request.samples

local function step_of(window) return math.floor(now_ms / window.stepMs) end

local function slot_of(window) return digits(step_of(window) % window.slots) end

local function stored_step(text) return text and string.match(text, '^(%d+)') end

local first = windows[1]
if stored_step(redis.call('HGET', KEYS[1], slot_of(first))) == digits(step_of(first)) then
  return cjson.encode({ outcome = 'had' })
end

-- The counts and sums of this step so far; none when the slot is another step's, older or (the clock went back) newer.
local function so_far(text, step)
  local numbers = {}
  if stored_step(text) ~= step then return numbers end
  for number in string.gmatch(text, '%-?%d+') do numbers[#numbers + 1] = tonumber(number) end
  table.remove(numbers, 1)
  return numbers
end

local function add(key, window, values)
  local step, slot = digits(step_of(window)), slot_of(window)
  local numbers = so_far(redis.call('HGET', key, slot), step)
  local parts = { step }
  for place = 1, #values do
    local value = given(values[place])
    local count, sum = numbers[place * 2 - 1] or 0, numbers[place * 2] or 0
    if value then count, sum = count + 1, sum + value end
    parts[#parts + 1], parts[#parts + 2] = digits(count), digits(sum)
  end
  redis.call('HSET', key, slot, table.concat(parts, ' '))
  redis.call('PEXPIRE', key, digits(window.stepMs * (window.slots + 1)))
end

for index, values in ipairs(samples) do
  for place, window in ipairs(windows) do add(KEYS[(index - 1) * #windows + place], window, values) end
end
return cjson.encode({ outcome = 'ok' })
