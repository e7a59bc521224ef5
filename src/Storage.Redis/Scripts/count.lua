#!lua flags=no-writes,allow-oom
-- Counts the jobs of a partition by place.
--
-- KEYS   1 running (hash)   2 due   3 expiry   4 dead   5 done (zsets)   6 parked names (hash)   7..16 lanes 0..9 (streams)
--        17 ends of dead   18 ends of done (zsets)
-- ARGV   none
-- RESULT {running, due, dead, done, earliest due or nil, earliest expiry or nil, {name, count, ...}, lane 0 .. lane 9}; no negative codes
local redis_call = redis.call

local time = redis_call('TIME')
local now = '(' .. string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))

-- Records past their time to live are gone, though the lists still name them until they are purged. Where very many wait for
-- that, not all of them are looked at: the count is then too high for a while.
local function count_listed(list, ends)
  local count = redis_call('ZCARD', list)
  for _, run in ipairs(redis_call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)) do
    local first, last = string.match(run, '^(%d+):(%d+)$')
    count = count - redis_call('ZCOUNT', list, first, last)
  end
  return count
end

local result = {
  redis_call('HLEN', KEYS[1]), redis_call('ZCARD', KEYS[2]),
  count_listed(KEYS[4], KEYS[17]),
  count_listed(KEYS[5], KEYS[18]),
  redis_call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or false,
  redis_call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or false,
  redis_call('HGETALL', KEYS[6]),
}
for lane = 7, 16 do
  result[lane + 1] = redis_call('XLEN', KEYS[lane])
end
return result
