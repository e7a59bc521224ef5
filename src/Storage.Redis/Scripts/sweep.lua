#!lua flags=allow-oom
-- Takes leftovers out: lane entries of jobs that lie elsewhere, due and expiry entries whose record is gone.
--
-- KEYS   1 lane (stream), due or expiry (zset)
-- ARGV   1 'entries' or 'members'   2.. positions or ids, at most 256
-- RESULT how many were taken out; no negative codes
return redis.call(ARGV[1] == 'entries' and 'XDEL' or 'ZREM', KEYS[1], unpack(ARGV, 2))
