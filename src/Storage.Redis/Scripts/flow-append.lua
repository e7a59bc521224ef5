#!lua flags=allow-oom
-- Appends to a flow's log and replaces its head, if the log is as long as the writer believes.
--
-- The same text is also run without the flag, for new flows: Redis then refuses it (OOM) in a full store before its first line.
-- A flow that is made, or that is opened again, must have entered the catalogue before (flow-catalogue.lua), by an opening that
-- is above every one that was settled (flow-fence.lua): so no open flow is missing there.
--
-- KEYS   1 head (hash: created, open, ttl, summary, opening)   2 log (list)   3 fence (string: the last opening of a flow that is gone)
-- ARGV   1 expected length, 0: no such flow   2 created, in ticks   3 '1': open, '0': not   4 time to live in ms, or empty
--        5 the same in ticks, or empty   6 opening, 0: none   7 summary   8.. entries, at most 64
-- RESULT {0, created, opening, ms since 1970 at which it goes, or empty}: taken
--        {-1}: another length, or it is gone, or there already; nothing was written
--        {-2, opening}: it must enter the catalogue first, by an opening above this one; nothing was written
local redis_call = redis.call

local head, log, fence = KEYS[1], KEYS[2], KEYS[3]
local expected, is_open, ttl = tonumber(ARGV[1]), ARGV[3], ARGV[4]
local known = redis_call('HMGET', head, 'created', 'open', 'opening')
local created, opening = known[1], known[3] or '0'
local length = redis_call('LLEN', log)
if created and (expected == 0 or length ~= expected) or not created and expected ~= 0 then
  return {-1}
end
if not created or is_open == '1' and known[2] ~= '1' then
  local last = math.max(tonumber(opening), tonumber(redis_call('GET', fence) or '0'))
  if tonumber(ARGV[6]) <= last then
    return {-2, string.format('%.0f', last)}
  end
  opening = ARGV[6]
end
local ends_at = ''
if ttl ~= '' then
  local time = redis_call('TIME')
  ends_at = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ttl))
end

-- From here on nothing fails.
if not created then
  created = ARGV[2]
  if length > 0 then
    redis_call('UNLINK', log)
  end
end
redis_call('HSET', head, 'created', created, 'open', is_open, 'ttl', ARGV[5], 'opening', opening, 'summary', ARGV[7])
if ARGV[8] then
  redis_call('RPUSH', log, unpack(ARGV, 8))
end
if ends_at ~= '' then
  redis_call('PEXPIREAT', head, ends_at)
  redis_call('PEXPIREAT', log, ends_at)
  -- One that goes this soon may be made anew while an append of before is still on its way.
  if tonumber(ttl) < 60000 then
    redis_call('SET', fence, opening, 'PX', 60000)
  end
else
  redis_call('PERSIST', head)
  redis_call('PERSIST', log)
end
return {0, created, opening, ends_at}
