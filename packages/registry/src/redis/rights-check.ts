/**
 * Every command that the registry runs on its keys, with arguments that Redis refuses or that change nothing: rights are
 * checked before arguments are. A test compares this list with the sources. `K` stands for a key that is never there.
 */
export const PROBES: readonly (readonly string[])[] = [
  ['GET', 'K'],
  ['SET', 'K', 'v', 'not an option'],
  ['DEL', 'K'],
  ['PEXPIRE', 'K', 'not a number'],
  ['HGET', 'K', 'f'],
  ['HMGET', 'K', 'f'],
  ['HVALS', 'K'],
  ['HSET', 'K', 'f', 'v', 'no value'],
  ['HDEL', 'K', 'f'],
  ['HLEN', 'K'],
  ['HKEYS', 'K'],
  ['HEXISTS', 'K', 'f'],
  ['ZADD', 'K', 'not a number', 'm'],
  ['ZCARD', 'K'],
  ['ZCOUNT', 'K', '0', '0'],
  ['ZLEXCOUNT', 'K', '-', '-'],
  ['ZRANGEBYLEX', 'K', '-', '-'],
  ['ZRANGEBYSCORE', 'K', '0', '0'],
  ['ZREM', 'K', 'm'],
  ['ZREMRANGEBYSCORE', 'K', '0', '0'],
  ['ZSCORE', 'K', 'm'],
  ['XADD', 'K', 'not an id', 'f', 'v'],
  ['XREAD', 'COUNT', '1', 'STREAMS', 'K', '0'],
  ['XRANGE', 'K', '-', '-', 'COUNT', '1'],
  ['XREVRANGE', 'K', '-', '-', 'COUNT', '1'],
];

/**
 * KEYS key that is never there
 * ARGV JSON list of calls, `K` for the key; PUBLISH or SPUBLISH
 * Reply INFO's text; TIME's two numbers; what the user may not do, in the server's words, as `command: why`
 * Post nothing has changed; a message that nobody waits for was published
 */
export const CHECK_SCRIPT = `
local refused = {}
local function try(name, ...)
  local reply = redis.pcall(name, ...)
  local problem = type(reply) == 'table' and reply.err
  if problem and (string.find(problem, 'NOPERM', 1, true) or string.find(problem, 'ACL failure', 1, true)
    or string.find(problem, 'user executing the script', 1, true)) then
    refused[#refused + 1] = name .. ': ' .. problem
  end
  return problem and '' or reply
end
for _, call in ipairs(cjson.decode(ARGV[1])) do
  for index = 2, #call do
    if call[index] == 'K' then call[index] = KEYS[1] end
  end
  try(unpack(call))
end
try(ARGV[2], KEYS[1], '')
local info = try('INFO')
local now = try('TIME')
return { info, now[1] or '', now[2] or '', refused }
`;
