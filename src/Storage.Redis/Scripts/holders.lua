#!lua flags=no-writes,allow-oom
-- Tells which holders of unique keys ended without letting go (their records could not be read, or are lost).
-- A holder that waits or runs holds; a dead one does not; any other holds until its time.
--
-- KEYS   1 running (hash)   then 2 per unique key: the unique key, the record of its holder; at most 128 pairs
-- ARGV   1 now in ms   then per unique key: the holder's id
-- RESULT per unique key 1: its holder holds it no longer; 0: it does, or it is another one; no negative codes
local redis_call, redis_pcall = redis.call, redis.pcall
local READY, DUE, PARKED, DEAD = 1, 2, 4, 16

local result = {}
for i = 2, #ARGV do
  local unique, record, id = KEYS[i * 2 - 2], KEYS[i * 2 - 1], ARGV[i]
  local holder, till = string.match(redis_call('GET', unique) or '', '^([^|]*)|(%d*)$')
  result[i - 1] = 0
  if holder == id and redis_call('HEXISTS', KEYS[1], id) == 0 then
    local header = redis_pcall('GETRANGE', record, 0, 35)
    local place = type(header) == 'string' and #header > 1 and string.byte(header, 2) - 64 or 0
    local is_alive = place == READY or place == DUE or place == PARKED
    if not is_alive and (place == DEAD or till == '' or tonumber(till) <= tonumber(ARGV[1])) then
      result[i - 1] = 1
    end
  end
end
return result
