#!lua flags=allow-oom
-- Takes jobs past their time to live out of the lists, and named finished jobs out of the store.
--
-- KEYS   1 meta (hash)   2 dead   3 ends of dead   4 done   5 ends of done (zsets)   6.. records of the named jobs, at most 256
-- ARGV   1 epoch   2 how many of each list at most, 1..256   3.. ids of the named jobs
-- RESULT {taken out of the lists, finished jobs that are left in theirs}; {-1, 0}: another epoch, nothing was written
local redis_call, redis_pcall, byte = redis.call, redis.pcall, string.byte
local DONE = 96

if redis_call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return {-1, 0}
end
local records = {}
for i = 6, #KEYS do
  local header = redis_pcall('GETRANGE', KEYS[i], 0, 1)
  if type(header) == 'string' and byte(header, 2) == DONE then
    records[#records + 1] = KEYS[i]
  end
end
local time = redis_call('TIME')
local now = '(' .. string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local taken = 0
if records[1] then
  redis_call('UNLINK', unpack(records))
end
if #ARGV > 2 then
  redis_call('ZREM', KEYS[4], unpack(ARGV, 3))
  redis_call('ZREM', KEYS[5], unpack(ARGV, 3))
end
for list = 2, 4, 2 do
  local ids = redis_call('ZRANGEBYSCORE', KEYS[list + 1], '-inf', now, 'LIMIT', 0, ARGV[2])
  if ids[1] then
    redis_call('ZREM', KEYS[list], unpack(ids))
    redis_call('ZREM', KEYS[list + 1], unpack(ids))
    taken = math.max(taken, #ids)
  end
end
return {taken, redis_call('ZCARD', KEYS[4])}
