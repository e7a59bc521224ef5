#!lua flags=allow-oom
-- Keeps the catalogue of flows. A flow enters before the append that makes it or opens it, and is settled after one that
-- closes it, or when it turns out not to be open.
--
-- The flows lie in other slots, so no script sees both. Each entering gives an opening, a number above the id's earlier ones:
-- who settles first makes sure that no append by the opening that it knows can follow, and takes nothing out when another
-- opening was given since. The text is also run without the flag, for the entering of new flows.
--
-- KEYS   1 open (zset, by text)   2 openings (zset: id by opening)   3 all (zset: id by µs of creation)
--        4 ends (zset: id by the ms at which it goes)
-- ARGV   1 'enter'    2 id   3 the opening is above this one   4 µs of creation, or empty: it is not new
--        1 'settle'   2 id   3 opening, 0: none   4 'open', 'closed' or 'gone'   5 µs of creation   6 ms at which it goes, or empty
--        1 'drop'     2 id, 3 µs of creation, and so on, at most 100 of each: out of all, where nothing is known of them any more
-- RESULT enter: the opening, as text   settle: 1, or 0: it entered since   drop: how many; no negative codes
local redis_call = redis.call

local open, openings, all, ends = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local verb, id = ARGV[1], ARGV[2]

if verb == 'enter' then
  local time = redis_call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local last = math.max(tonumber(redis_call('ZSCORE', openings, id) or '0'), tonumber(ARGV[3]))
  local opening = string.format('%.0f', math.max(now, last + 1))
  redis_call('ZADD', openings, opening, id)
  redis_call('ZADD', open, 0, id)
  redis_call('ZREM', ends, id)
  if ARGV[4] ~= '' then
    redis_call('ZADD', all, ARGV[4], id)
  end
  -- More go at each entering than come, so that all is as long as there are flows.
  local gone = redis_call('ZRANGE', ends, '-inf', string.format('%.0f', math.floor(now / 1000)), 'BYSCORE', 'LIMIT', 0, 16)
  if gone[1] then
    redis_call('ZREM', all, unpack(gone))
    redis_call('ZREM', ends, unpack(gone))
  end
  return opening
end

if verb == 'settle' then
  local opening = redis_call('ZSCORE', openings, id)
  if opening and tonumber(opening) ~= tonumber(ARGV[3]) then
    return 0
  end
  if ARGV[4] == 'open' then
    redis_call('ZADD', open, 0, id)
  else
    redis_call('ZREM', open, id)
    redis_call('ZREM', openings, id)
  end
  if ARGV[4] == 'gone' then
    redis_call('ZREM', all, id)
  else
    redis_call('ZADD', all, ARGV[5], id)
  end
  if ARGV[4] == 'closed' and ARGV[6] ~= '' then
    redis_call('ZADD', ends, ARGV[6], id)
  else
    redis_call('ZREM', ends, id)
  end
  return 1
end

local dropped = 0
for i = 2, #ARGV, 2 do
  local created = redis_call('ZSCORE', all, ARGV[i])
  if created and tonumber(created) == tonumber(ARGV[i + 1]) and not redis_call('ZSCORE', openings, ARGV[i]) then
    dropped = dropped + redis_call('ZREM', all, ARGV[i])
    redis_call('ZREM', ends, ARGV[i])
  end
end
return dropped
