#!lua flags=allow-oom
-- Closes a partition: raises its epoch, so that the lease is void, and says whether a job is left to run.
--
-- KEYS   1 meta (hash)   2 running (hash)   3 due (zset)   4 parked (hash)   5..14 lanes 0..9 (streams)
-- ARGV   1 epoch
-- RESULT 1: no waiting, running or parked job is left; 0: some are; -1: another epoch, nothing was written
local redis_call = redis.call

if redis_call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return -1
end
local left = redis_call('HLEN', KEYS[2]) + redis_call('ZCARD', KEYS[3]) + redis_call('HLEN', KEYS[4])
for lane = 5, 14 do
  left = left + redis_call('XLEN', KEYS[lane])
end
redis_call('HINCRBY', KEYS[1], 'epoch', 1)
return left == 0 and 1 or 0
