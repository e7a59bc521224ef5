#!lua flags=allow-oom
-- Remembers queues or job names, also in a full store: a silo must be able to start there, or it could never drain.
--
-- KEYS   1 queues (hash: queue -> partitions) or names (zset: name by µs)
-- ARGV   1 'queue'   2 queue   3 partitions;   or 1 'names'   2 µs   3.. names, at most 256
-- RESULT queue: the number of partitions written first, as text; names: how many; no negative codes
local redis_call = redis.call

if ARGV[1] == 'queue' then
  redis_call('HSETNX', KEYS[1], ARGV[2], ARGV[3])
  return redis_call('HGET', KEYS[1], ARGV[2])
end
local pairs_of_names = {}
for i = 3, #ARGV do
  pairs_of_names[#pairs_of_names + 1] = ARGV[2]
  pairs_of_names[#pairs_of_names + 1] = ARGV[i]
end
redis_call('ZADD', KEYS[1], unpack(pairs_of_names))
return #ARGV - 2
