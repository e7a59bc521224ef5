#!lua flags=allow-oom
-- Takes jobs past their time to live out of the lists, and named finished jobs out of theirs; these go from the store at once, or
-- when their ids may be forgotten.
--
-- KEYS   1 meta (hash)   2 dead   3 ends of dead   4 done   5 ends of done (zsets)   6.. records of the named jobs, at most 256
-- ARGV   1 epoch   2 how many of each list at most, 1..256, beyond those of one commit   3.. per named job its id and
--        the ms that it stays, 0: none
-- RESULT {taken out of the lists, finished jobs that are left in theirs}; {-1, 0}: another epoch, nothing was written
local redis_call, redis_pcall, byte = redis.call, redis.pcall, string.byte
local DONE = 96

if redis_call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return {-1, 0}
end
local records, ids, ends = {}, {}, {}
for i = 6, #KEYS do
  local argument = 3 + (i - 6) * 2
  local stays = ARGV[argument + 1]
  ids[i - 5] = ARGV[argument]
  local header = redis_pcall('GETRANGE', KEYS[i], 0, 1)
  if type(header) == 'string' and byte(header, 2) == DONE then
    ends[redis_call('PEXPIRETIME', KEYS[i])] = true
    if stays == '0' then
      records[#records + 1] = KEYS[i]
    else
      redis_call('PEXPIRE', KEYS[i], stays, 'LT')
    end
  end
end
local time = redis_call('TIME')
local now = '(' .. string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local taken = 0
if records[1] then
  redis_call('UNLINK', unpack(records))
end
if ids[1] then
  redis_call('ZREM', KEYS[4], unpack(ids))
end
-- A run of which nothing is left needs no end.
for ends_at in pairs(ends) do
  local score = string.format('%.0f', ends_at)
  for _, run in ipairs(redis_call('ZRANGEBYSCORE', KEYS[5], score, score)) do
    local first, last = string.match(run, '^(%d+):(%d+)$')
    if redis_call('ZCOUNT', KEYS[4], first, last) == 0 then
      redis_call('ZREM', KEYS[5], run)
    end
  end
end
for list = 2, 4, 2 do
  local taken_here = 0
  for _, run in ipairs(redis_call('ZRANGEBYSCORE', KEYS[list + 1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
    if taken_here >= tonumber(ARGV[2]) then
      break
    end
    local first, last = string.match(run, '^(%d+):(%d+)$')
    -- A run that is empty counts too, or a page of them would look like the end.
    taken_here = taken_here + math.max(1, redis_call('ZREMRANGEBYSCORE', KEYS[list], first, last))
    redis_call('ZREM', KEYS[list + 1], run)
  end
  taken = math.max(taken, taken_here)
end
return {taken, redis_call('ZCARD', KEYS[4])}
