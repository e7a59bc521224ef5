#!lua flags=no-writes,allow-oom
-- Lists flows, newest first; of those of one instant the highest id first.
--
-- KEYS   1 all (zset: id by µs of creation)
-- ARGV   1 µs and 2 id of the flow before the first; both empty: from the newest   3 how many at most
-- RESULT id, µs, id, µs ...; no negative codes
local redis_call, byte = redis.call, string.byte
local PAGE = 256

local max, found = tonumber(ARGV[3]), {}

-- Lua compares by the server's language, Redis by bytes.
local function is_before(id, other)
  for i = 1, math.min(#id, #other) do
    if byte(id, i) ~= byte(other, i) then
      return byte(id, i) < byte(other, i)
    end
  end
  return #id < #other
end

local rank, after = 0, tonumber(ARGV[1])
if after then
  rank = redis_call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf')
end
repeat
  local page = redis_call('ZRANGE', KEYS[1], rank, rank + PAGE - 1, 'REV', 'WITHSCORES')
  for i = 1, #page, 2 do
    if #found < max * 2 and (not after or tonumber(page[i + 1]) < after or is_before(page[i], ARGV[2])) then
      found[#found + 1] = page[i]
      found[#found + 1] = string.format('%.0f', page[i + 1])
    end
  end
  rank = rank + PAGE
until #page < PAGE * 2 or #found == max * 2
return found
