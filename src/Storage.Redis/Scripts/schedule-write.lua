#!lua flags=allow-oom
-- Writes or removes a schedule and its place in the index, if it has the version that the writer read.
--
-- The same text is also run without the flag, for new schedules: Redis then refuses it (OOM) in a full store before its first line.
--
-- KEYS   1 rows (hash: id to version and content)   2 ids (zset, all of score 0)   3 due (zset: id by ms since 1970)
-- ARGV   1 id   2 expected version, empty: it must not be there   3 ms of its wake instant, or empty   4 version and content; empty: remove it
-- RESULT 0: taken   -1: another version lies there, or none; nothing was written
local redis_call = redis.call
local VERSION = 26

local id, known = ARGV[1], redis_call('HGET', KEYS[1], ARGV[1])
if (known and string.sub(known, 1, VERSION) or '') ~= ARGV[2] then
  return -1
end

-- From here on nothing fails.
if ARGV[4] == '' then
  redis_call('HDEL', KEYS[1], id)
  redis_call('ZREM', KEYS[2], id)
else
  redis_call('HSET', KEYS[1], id, ARGV[4])
  redis_call('ZADD', KEYS[2], 0, id)
end
if ARGV[3] == '' then
  redis_call('ZREM', KEYS[3], id)
else
  redis_call('ZADD', KEYS[3], ARGV[3], id)
end
return 0
