#!lua flags=allow-oom
-- Frees what a lane's removed entries still pin: a stream lets go of a node of about 100 entries only when all of them are
-- gone. The entries that are left are added again under the same ids, so nothing changes that anybody can see, and no epoch
-- is asked for.
--
-- KEYS   1 lane (stream)
-- ARGV   1 nodes that a lane has at least   2 entries a node on average, below which it is sparse   3 entries that are moved at most
-- RESULT how many entries were added again; no negative codes
local redis_call = redis.call
local key = KEYS[1]

if redis_call('EXISTS', key) == 0 then
  return 0
end
local info, about = redis_call('XINFO', 'STREAM', key), {}
for field = 1, #info, 2 do
  about[info[field]] = info[field + 1]
end
local length, nodes = about['length'], about['radix-tree-keys']
if nodes < tonumber(ARGV[1]) or length >= nodes * tonumber(ARGV[2]) or length > tonumber(ARGV[3]) then
  return 0
end
local entries = redis_call('XRANGE', key, '-', '+')

-- From here on nothing fails.
redis_call('UNLINK', key)
for i = 1, #entries do
  redis_call('XADD', key, entries[i][1], unpack(entries[i][2]))
end
if #entries > 0 then
  redis_call('XSETID', key, about['last-generated-id'])
end
return #entries
