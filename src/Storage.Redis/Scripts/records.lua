#!lua flags=no-writes,allow-oom
-- Reads records with their claims, as many as fit.
--
-- KEYS   1 running (hash)   2.. records, at most 256
-- ARGV   1 length of what precedes the id in a record's key   2 bytes of records at most, beyond the first
-- RESULT record, claim, record, claim ...: as many pairs as fit; a record is nil when there is none and empty when it is not
--        a string; a claim is nil when the job is not running; no negative codes
local redis_call, redis_pcall, sub = redis.call, redis.pcall, string.sub
local FIRST_PAGE, MAX_PAGE = 8, 128

local id_from, budget = tonumber(ARGV[1]) + 1, tonumber(ARGV[2])
local ids = {}
for i = 2, #KEYS do
  ids[i - 1] = sub(KEYS[i], id_from)
end
local claims = redis_call('HMGET', KEYS[1], unpack(ids))
local result, bytes = {}, 0
local page, page_from, page_size = {}, 0, FIRST_PAGE
for i = 1, #ids do
  -- A page of them at once; as large as the budget allows, by what those before had, so that little is read in vain. It grows
  -- by steps: what small ones come before says nothing of the size of those behind.
  if i > page_from + #page then
    page, page_from = redis_call('MGET', unpack(KEYS, i + 1, math.min(i + page_size, #KEYS))), i - 1
  end
  local record = page[i - page_from]
  if not record then
    record = redis_pcall('GET', KEYS[i + 1])
    if type(record) == 'table' then
      record = ''
    end
  end
  if record then
    bytes = bytes + #record
    if bytes > budget and i > 1 then
      break
    end
  end
  result[i * 2 - 1] = record
  result[i * 2] = claims[i]
  page_size = math.max(1, math.min(MAX_PAGE, #page * 2, math.floor((budget - bytes) * i / math.max(1, bytes))))
end
return result
