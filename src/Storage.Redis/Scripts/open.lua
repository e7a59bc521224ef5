#!lua flags=allow-oom
-- Opens a partition: raises its epoch. Revision and position are never behind what lies there.
--
-- KEYS   1 meta (hash)   2 dead   3 done (zsets)   4..13 lanes 0..9 (streams)
-- ARGV   1 steps that a revision has room for in dead and done (their entries are revision × this + index)
-- RESULT {epoch, revision, position}, as text; no negative codes
local redis_call = redis.call

local function highest_of(key)
  return tonumber(redis_call('ZRANGE', key, -1, -1, 'WITHSCORES')[2] or '0')
end

local function last_of(key)
  if redis_call('EXISTS', key) == 0 then
    return 0
  end
  local info = redis_call('XINFO', 'STREAM', key)
  for field = 1, #info, 2 do
    if info[field] == 'last-generated-id' then
      return tonumber(string.match(info[field + 1], '^%d+'))
    end
  end
  return 0
end

local known = redis_call('HMGET', KEYS[1], 'revision', 'position')
local revision = math.max(tonumber(known[1] or '0'), math.ceil(math.max(highest_of(KEYS[2]), highest_of(KEYS[3])) / tonumber(ARGV[1])))
local position = tonumber(known[2] or '0')
for lane = 4, 13 do
  position = math.max(position, last_of(KEYS[lane]))
end
local texts = {string.format('%.0f', redis_call('HINCRBY', KEYS[1], 'epoch', 1)), string.format('%.0f', revision), string.format('%.0f', position)}
redis_call('HSET', KEYS[1], 'revision', texts[2], 'position', texts[3])
return texts
