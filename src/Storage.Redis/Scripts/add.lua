#!lua
-- Adds a batch of new jobs at the tails of their lanes, some of them to run at once, where nothing speaks against it.
--
-- commit.lua does the same with such a batch, step by step; most batches of new work are plain, and this costs Redis a fifth less. What is not plain (an id
-- that is there already, a position that is not after all others) is answered before the first write, and is for commit.lua to judge.
-- Without the flag: a full store refuses it (OOM) before its first line.
--
-- KEYS   1 meta (hash: epoch, revision, position)   2 running (hash: id -> header of the record, fence, claim)
--        3..12 lanes 0..9 (streams, entry <position>-0)   13.. one record per job
-- ARGV   1 epoch   2 revision   3 next revision   4 length of what precedes the id in a record's key
--        5 lowest and 6 highest new position   7.. one record with its header per job
--        then, if any job is to run at once, one per job: fence and claim to store, or empty
-- RESULT {0}: all were added
--        {1}: not plain; nothing was written
--        {-1, epoch, revision}: another epoch; nothing was written
--        {-2, epoch, revision}: another revision; nothing was written
--
-- The header of a record is that of commit.lua: its third character is the lane, the last 16 of its 36 are the position.
local redis_call, byte, sub = redis.call, string.byte, string.sub
local keys, arguments = KEYS, ARGV
local LANES, RECORDS, BODIES, HEADER = 3, 12, 6, 36
local count = #keys - RECORDS
local id_from = tonumber(arguments[4]) + 1

local known = redis_call('HMGET', keys[1], 'epoch', 'revision', 'position')
if known[1] ~= arguments[1] then
  return {-1, known[1] or '0', known[2] or '0'}
end
if known[2] ~= arguments[2] then
  return {-2, known[1], known[2] or '0'}
end
if tonumber(arguments[5]) <= tonumber(known[3] or '0') or redis_call('EXISTS', unpack(keys, RECORDS + 1)) ~= 0 then
  return {1}
end

-- From here on nothing fails.
redis_call('HSET', keys[1], 'revision', arguments[3], 'position', arguments[6])
local records, to_running = {}, {}
for i = 1, count do
  local key, record, claim = keys[RECORDS + i], arguments[BODIES + i], arguments[BODIES + count + i]
  local id = sub(key, id_from)
  records[2 * i - 1] = key
  records[2 * i] = record
  redis_call('XADD', keys[LANES + byte(record, 3) - 48], sub(record, 21, HEADER), 'j', id)
  if claim and claim ~= '' then
    to_running[#to_running + 1] = id
    to_running[#to_running + 1] = sub(record, 1, HEADER) .. claim
  end
end
redis_call('MSET', unpack(records))
if to_running[1] then redis_call('HSET', keys[2], unpack(to_running)) end
return {0}
