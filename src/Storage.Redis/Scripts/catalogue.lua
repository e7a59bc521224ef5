#!lua flags=allow-oom
-- Puts a partition into the catalogue or takes it out. The score is the epoch of the last opening, so that an owner that
-- closes late cannot take out what another one has put in since.
--
-- KEYS   1 catalogue (zset: partition by epoch)
-- ARGV   1 partition   2 epoch   3 'in' or 'out'
-- RESULT 1: done; 0: opened by another since; no negative codes
local redis_call = redis.call

local epoch = tonumber(redis_call('ZSCORE', KEYS[1], ARGV[1]) or '0')
if epoch > tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == 'in' then
  redis_call('ZADD', KEYS[1], ARGV[2], ARGV[1])
else
  redis_call('ZREM', KEYS[1], ARGV[1])
end
return 1
