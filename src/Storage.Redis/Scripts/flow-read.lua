#!lua flags=no-writes,allow-oom
-- Reads a page of a flow's log, with the head of the same moment.
--
-- KEYS   1 head (hash)   2 log (list)
-- ARGV   1 number of the first entry, from 0   2 bytes of entries at most, unless it is a single one
-- RESULT {created, open, ttl, summary, length of the whole log, entries ...} or nil: there is no such flow; no negative codes
local redis_call = redis.call
local FIRST_PAGE, MAX_PAGE = 8, 512

local known = redis_call('HMGET', KEYS[1], 'created', 'open', 'ttl', 'summary')
if not known[1] then
  return false
end
local length = redis_call('LLEN', KEYS[2])
local result, bytes = {known[1], known[2], known[3], known[4], length}, 0
local from, size, budget = tonumber(ARGV[1]), FIRST_PAGE, tonumber(ARGV[2])
local count = 0
while from < length do
  -- As many at once as the budget allows, by what those before had.
  local page = redis_call('LRANGE', KEYS[2], string.format('%.0f', from), string.format('%.0f', from + size - 1))
  for i = 1, #page do
    bytes = bytes + #page[i]
    if bytes > budget and count > 0 then
      return result
    end
    count = count + 1
    result[count + 5] = page[i]
  end
  from = from + #page
  size = math.max(1, math.min(MAX_PAGE, size * 2, math.floor((budget - bytes) * count / math.max(1, bytes))))
end
return result
