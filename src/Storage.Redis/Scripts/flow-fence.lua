#!lua flags=allow-oom
-- Says how a flow stands. One that is not open cannot be opened, nor made, by an opening up to this one any more; one that is
-- open has this one from here on, so that the append that closes it settles it.
--
-- KEYS   1 head (hash)   2 fence (string: the last opening of a flow that is gone)
-- ARGV   1 opening, 0: none
-- RESULT {'open' | 'closed', created in ticks, ms since 1970 at which it goes, or empty} or {'gone', '', ''}; no negative codes
local redis_call = redis.call

local known = redis_call('HMGET', KEYS[1], 'created', 'open', 'opening')
local opening = tonumber(ARGV[1])
if not known[1] then
  -- No call is on its way for longer than a minute.
  if opening > tonumber(redis_call('GET', KEYS[2]) or '0') then
    redis_call('SET', KEYS[2], ARGV[1], 'PX', 60000)
  end
  return {'gone', '', ''}
end
if opening > tonumber(known[3] or '0') then
  redis_call('HSET', KEYS[1], 'opening', ARGV[1])
end
if known[2] == '1' then
  return {'open', known[1], ''}
end
local ends_at = redis_call('PEXPIRETIME', KEYS[1])
return {'closed', known[1], ends_at < 0 and '' or string.format('%.0f', ends_at)}
