#!lua flags=allow-oom
-- Takes jobs out of dead or done: those whose record is gone or lies elsewhere, and on demand also with the record itself.
--
-- KEYS   1 meta (hash)   2 dead or done (zset)   3.. records of the jobs, at most 256
-- ARGV   1 epoch   2 '@' + place   then 2 per record: 1 its id   2 'x' to remove the record too, else '-'
-- RESULT how many were taken out; -1: another epoch, nothing was written
local redis_call, redis_pcall, sub = redis.call, redis.pcall, string.sub

if redis_call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return -1
end
local ids, records = {}, {}
for i = 3, #KEYS do
  local id, order = ARGV[i * 2 - 3], ARGV[i * 2 - 2]
  local header = redis_pcall('GETRANGE', KEYS[i], 0, 35)
  local is_here = type(header) == 'string' and sub(header, 2, 2) == ARGV[2]
  if is_here and order == 'x' then
    records[#records + 1] = KEYS[i]
  end
  if order == 'x' or not is_here then
    ids[#ids + 1] = id
  end
end
if records[1] then
  redis_call('UNLINK', unpack(records))
end
if ids[1] then
  redis_call('ZREM', KEYS[2], unpack(ids))
end
return #ids
