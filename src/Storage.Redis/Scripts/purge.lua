#!lua flags=allow-oom
-- Takes entries out of dead or done: those whose record is gone or lies elsewhere, and on demand also the record itself.
--
-- KEYS   1 meta (hash)   2 dead or done (stream)   3.. records of the entries, at most 256
-- ARGV   1 epoch   2 '@' + place   then 2 per record: 1 its position in the stream   2 'x' to remove the record too, else '-'
-- RESULT how many entries were taken out; -1: another epoch, nothing was written
local redis_call, redis_pcall, sub = redis.call, redis.pcall, string.sub

if redis_call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return -1
end
local entries, records = {}, {}
for i = 3, #KEYS do
  local position, order = ARGV[i * 2 - 3], ARGV[i * 2 - 2]
  local header = redis_pcall('GETRANGE', KEYS[i], 0, 35)
  local is_here = type(header) == 'string' and sub(header, 2, 2) == ARGV[2] and tonumber(sub(header, 21, 36)) == tonumber(position)
  if is_here and order == 'x' then
    records[#records + 1] = KEYS[i]
  end
  if order == 'x' or not is_here then
    entries[#entries + 1] = position
  end
end
if records[1] then
  redis_call('UNLINK', unpack(records))
end
if entries[1] then
  redis_call('XDEL', KEYS[2], unpack(entries))
end
return #entries
