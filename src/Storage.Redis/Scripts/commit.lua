#!lua flags=allow-oom
-- Takes a batch of steps of one partition, in order, each whole or not at all.
--
-- The same text is also run without the flag, for batches that hold new work: Redis then refuses it (OOM) in a full store
-- before its first line. Everything that can be refused is checked before the first write of its step; reads that could
-- fail come before the first write of the batch. The ids of a batch are distinct (the caller splits at a repetition), so
-- that all claims are read at once and leaving entries are removed at once, at the end.
--
-- KEYS   1 meta (hash: epoch, revision, position)         2 running (hash: id -> header of the record, fence, claim)
--        3 due (zset: id by µs)                           4 expiry (zset: id by µs)
--        5 parked (hash: id -> name NUL position NUL id)  6 parked names (hash: name -> count)
--        7 parked order (zset of those members, by text)  8 dead (zset)            9 done (zset of the listed ones)
--        10..19 lanes 0..9 (streams, entry <position>-0)  20 ends of dead, 21 ends of done (zsets: "<first>:<last>" by the ms
--        at which the jobs at these positions go)  22.. one record per step, then the unique keys
-- ARGV   1 epoch   2 revision   3 next revision   4 number of steps   5 length of what precedes the id in a record's key
--        6 lowest and 7 highest new position (empty: none)   8 'whole': the stored records are small enough to be read whole
--        then 5 per step:
--        1 control, 6 bytes: from (mask of places) · to (place) · n(ew record) or k(eep) · t(ail) or k(eep the entry) ·
--          lane digit · what 3 is: f(ence) or c(laim)
--        2 record with its header; with k the header alone
--        3 the fence that the claim must begin with, or fence and claim to store, or empty; a fence is a token after its
--          number of bytes in 8 hex digits
--        4 to Ready at the tail, or new and claimed: position; to Due: µs; to Parked: name; to Dead or Done: time to live in ms, or empty
--        5 empty, or "<expiry µs>;<t(ake) | r(elease)>;<index of unique key>;<ms that a released one stays held,
--          or empty>;<ms since 1970 until when a taken one is held at least, or empty>;<a holder that ended without letting go>".
--          A unique key holds "<id>|<until>" or, released but still held, "<id>|r"
-- RESULT {0, answers, detail...}: two characters per step, 'A' + result and '@' + the place before; one detail per Exists
--        (16 hex digits of the fingerprint) and per UniqueHeld (the holder's id), in order. 'P': refused, because the new
--        position is not after the lane's last one
--        {-1, epoch, revision}: another epoch; nothing was written
--        {-2, epoch, revision}: another revision; nothing was written
--
-- Header of a record, 36 characters: '1' · '@' + place (a running job's says where it was claimed: Ready) · lane ·
-- 'e'(xpires), 'l'(isted) or '-' · fingerprint, 16 hex digits · position in its lane, or in dead or done, 16 digits.
local redis_call, redis_pcall = redis.call, redis.pcall
local byte, sub, char, find, match, band = string.byte, string.sub, string.char, string.find, string.match, bit.band

local READY, DUE, PARKED, RUNNING, DEAD, DONE = 1, 2, 4, 8, 16, 32
local TAKEN, EXISTS, UNKNOWN, WRONG_PLACE, FENCED, UNIQUE_HELD, NOT_AFTER = 'A', 'B', 'C', 'D', 'E', 'F', 'P'
local NEW, TAIL, FENCE, EXPIRES, LISTED, VERSION = 110, 116, 102, 101, 108, 49
local LANES, RECORDS, STEPS, STRIDE = 10, 21, 8, 5
local HEADER = 36

local keys, arguments = KEYS, ARGV
local running, due, expiry = keys[2], keys[3], keys[4]
local parked, parked_names, parked_order = keys[5], keys[6], keys[7]
local dead, done, dead_ends, done_ends = keys[8], keys[9], keys[20], keys[21]
local count = tonumber(arguments[4])
local id_from = tonumber(arguments[5]) + 1

local known = redis_call('HMGET', keys[1], 'epoch', 'revision', 'position')
if known[1] ~= arguments[1] then
  return {-1, known[1] or '0', known[2] or '0'}
end
if known[2] ~= arguments[2] then
  return {-2, known[1], known[2] or '0'}
end

-- Where the jobs lie. A header may be followed by its record.
local ids, headers, is_only_new = {}, {}, true
local new_keys, new_count = {}, 0
for i = 1, count do
  ids[i] = sub(keys[RECORDS + i], id_from)
  local from, to = byte(arguments[STEPS + 1 + (i - 1) * STRIDE], 1, 2)
  if from ~= 0 then
    is_only_new = false
  elseif to < DEAD then
    new_count = new_count + 1
    new_keys[new_count] = keys[RECORDS + i]
  end
end
-- Mostly no new job exists yet: then one call tells so, and one call writes all their records at the end.
local are_all_new = new_count > 0 and redis_call('EXISTS', unpack(new_keys)) == 0
local new_records = {}
local claims = {}
if not is_only_new then
  claims = redis_call('HMGET', running, unpack(ids))
  local unclaimed, unclaimed_keys, unclaimed_count = {}, {}, 0
  for i = 1, count do
    if not claims[i] and byte(arguments[STEPS + 1 + (i - 1) * STRIDE]) ~= 0 then
      unclaimed_count = unclaimed_count + 1
      unclaimed[unclaimed_count] = i
      unclaimed_keys[unclaimed_count] = keys[RECORDS + i]
    end
  end
  local found = unclaimed_count > 0 and arguments[8] == 'whole' and redis_call('MGET', unpack(unclaimed_keys)) or {}
  for j = 1, unclaimed_count do
    headers[unclaimed[j]] = found[j] or redis_pcall('GETRANGE', unclaimed_keys[j], 0, HEADER - 1)
  end
end

-- Positions grow, so that a lane takes every new entry; where that is not plain, the lane itself is asked before a write.
local lane_last = arguments[6] ~= '' and tonumber(arguments[6]) <= tonumber(known[3] or '0') and {} or nil
local function last_position(lane)
  if not lane_last[lane] then
    lane_last[lane] = -1
    local key = keys[LANES + lane]
    local info = redis_call('EXISTS', key) == 1 and redis_call('XINFO', 'STREAM', key) or {}
    for field = 1, #info, 2 do
      if info[field] == 'last-generated-id' then
        lane_last[lane] = tonumber(match(info[field + 1], '^%d+'))
      end
    end
  end
  return lane_last[lane]
end

-- From here on nothing fails.
if arguments[7] ~= '' and tonumber(arguments[7]) > tonumber(known[3] or '0') then
  redis_call('HSET', keys[1], 'revision', arguments[3], 'position', arguments[7])
else
  redis_call('HSET', keys[1], 'revision', arguments[3])
end

local answers, details = {}, {}
local left_lanes, left_running, left_due, left_expiry, left_dead, left_done = {}, {}, {}, {}, {}, {}
local to_running, to_due, to_expiry, to_dead, to_done = {}, {}, {}, {}, {}
local dead_runs, done_runs = {}, {}

local function unpark(id)
  local member = redis_call('HGET', parked, id)
  if member then
    local name = match(member, '^[^%z]*')
    redis_call('HDEL', parked, id)
    redis_call('ZREM', parked_order, member)
    if redis_call('HINCRBY', parked_names, name, -1) <= 0 then
      redis_call('HDEL', parked_names, name)
    end
  end
end

local function leave(place, header, id, keeps_entry)
  if place == RUNNING then
    left_running[#left_running + 1] = id
  end
  if (place == RUNNING or place == READY) and not keeps_entry then
    local lane = byte(header, 3) - 48
    local list = left_lanes[lane]
    if not list then
      list = {}
      left_lanes[lane] = list
    end
    list[#list + 1] = sub(header, 21, HEADER)
  elseif place == DUE then
    left_due[#left_due + 1] = id
  elseif place == PARKED then
    unpark(id)
  elseif place == DEAD then
    left_dead[#left_dead + 1] = id
  elseif place == DONE and byte(header, 4) == LISTED then
    left_done[#left_done + 1] = id
  end
  if byte(header, 4) == EXPIRES then
    left_expiry[#left_expiry + 1] = id
  end
end

-- A record whose header cannot be read lies where the step says. Its lane entry, if any, goes when the lane is read.
local function leave_damaged(id)
  left_running[#left_running + 1] = id
  left_due[#left_due + 1] = id
  left_expiry[#left_expiry + 1] = id
  unpark(id)
end

-- The instant at which a record with this time to live goes, so that the lists know it too.
local time
local ends_by_ttl = {}
local function end_after(ttl)
  local ends_at = ends_by_ttl[ttl]
  if not ends_at then
    if not time then
      local now = redis_call('TIME')
      time = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
    end
    ends_at = string.format('%.0f', time + tonumber(ttl))
    ends_by_ttl[ttl] = ends_at
  end
  return ends_at
end

-- Neighbours of one list that go at the same instant are one run: a batch of one kind of job is one entry among the ends.
local function enter_list(list, runs, ends_at, id, record)
  local position = sub(record, 21, HEADER)
  list[#list + 1] = position
  list[#list + 1] = id
  local run = runs[#runs]
  if run and run.ends_at == ends_at then
    run.last = position
  else
    runs[#runs + 1] = {ends_at = ends_at, first = position, last = position}
  end
end

local function write_ends(key, runs)
  for i = 1, #runs do
    local run = runs[i]
    if run.ends_at ~= '' then
      redis_call('ZADD', key, run.ends_at, run.first .. ':' .. run.last)
    end
  end
end

local function enter(to, value, id, record)
  if to == DUE then
    to_due[#to_due + 1] = value
    to_due[#to_due + 1] = id
  elseif to == PARKED then
    local member = value .. '\0' .. sub(record, 21, HEADER) .. '\0' .. id
    redis_call('HSET', parked, id, member)
    redis_call('ZADD', parked_order, 0, member)
    redis_call('HINCRBY', parked_names, value, 1)
  elseif to == DEAD then
    enter_list(to_dead, dead_runs, value, id, record)
  elseif to == DONE and byte(record, 4) == LISTED then
    enter_list(to_done, done_runs, value, id, record)
  end
end

local function write(key, record, ends_at, is_final)
  if is_final and ends_at ~= '' then
    redis_call('SET', key, record, 'PXAT', ends_at)
  else
    redis_call('SET', key, record)
  end
end

-- Writes the header alone before the bytes that are there.
local function rewrite_header(key, header, ends_at, is_final)
  redis_call('SETRANGE', key, 0, header)
  if is_final and ends_at ~= '' then
    redis_call('PEXPIREAT', key, ends_at)
  else
    redis_call('PERSIST', key)
  end
end

local argument = STEPS
for i = 1, count do
  local key, id = keys[RECORDS + i], ids[i]
  local from, to, body, entry, lane, use = byte(arguments[argument + 1], 1, 6)
  local record, claim, value, extra = arguments[argument + 2], arguments[argument + 3], arguments[argument + 4], arguments[argument + 5]
  argument = argument + STRIDE
  local header, place, result, is_damaged = claims[i], 0, TAKEN, false
  local expires, action, unique, held_ms, till, ended, holder
  if extra ~= '' then
    expires, action, unique, held_ms, till, ended = match(extra, '^(%d*);(%a?);(%d*);(%d*);(%d*);(.*)$')
    if action == 't' or action == 'r' then
      unique = keys[RECORDS + count + tonumber(unique)]
      holder = match(redis_call('GET', unique) or '', '^[^|]*')
    end
  end

  -- Compare.
  if from == 0 then
    if not (are_all_new and to < DEAD) and redis_call('EXISTS', key) == 1 then
      result = EXISTS
      header = redis_pcall('GETRANGE', key, 0, HEADER - 1)
      if type(header) == 'string' and byte(header, 1) == VERSION and #header == HEADER then
        place = byte(header, 2) - 64
        details[#details + 1] = sub(header, 5, 20)
        if place == READY and redis_call('HEXISTS', running, id) == 1 then
          place = RUNNING
        end
      else
        details[#details + 1] = '0'
      end
    end
  elseif header then
    place = RUNNING
    local token = use == FENCE and claim or ''
    if band(from, RUNNING) == 0 then
      result = WRONG_PLACE
    elseif token ~= '' and find(header, token, HEADER + 1, true) ~= HEADER + 1 then
      result = FENCED
    end
  else
    header = headers[i]
    if header == '' then
      result = UNKNOWN
    elseif type(header) ~= 'string' or byte(header, 1) ~= VERSION or #header < HEADER then
      is_damaged = true
      if to < DEAD then
        result = WRONG_PLACE
      end
    else
      place = byte(header, 2) - 64
      if band(from, place) == 0 then
        result = WRONG_PLACE
      elseif use == FENCE and claim ~= '' then
        result = FENCED
      end
    end
  end
  if result == TAKEN and action == 't' and holder ~= '' and holder ~= id and holder ~= ended then
    result = UNIQUE_HELD
    details[#details + 1] = holder
  end

  local is_tail = entry == TAIL and (to == READY or (to == RUNNING and from == 0))
  if result == TAKEN and lane_last and is_tail then
    if tonumber(value) <= last_position(lane - 48) then
      result = NOT_AFTER
    else
      lane_last[lane - 48] = tonumber(value)
    end
  end

  -- Write.
  if result == TAKEN then
    local is_final = to >= DEAD
    if is_final and value ~= '' then
      value = end_after(value)
    end
    local keeps_entry = (to == RUNNING or to == READY) and not is_tail
    if is_damaged then
      leave_damaged(id)
      if body ~= NEW then
        local bytes = redis_pcall('GET', key)
        record = record .. (type(bytes) == 'string' and bytes or '')
      end
      write(key, record, value, is_final)
    elseif keeps_entry then
      if to == RUNNING then
        if place ~= RUNNING and byte(header, 4) == EXPIRES then
          left_expiry[#left_expiry + 1] = id
        end
        if place ~= RUNNING or (use ~= FENCE and claim ~= '') then
          to_running[#to_running + 1] = id
          to_running[#to_running + 1] = sub(header, 1, HEADER) .. claim
        end
      else
        leave(place, header, id, true)
      end
      if body == NEW then
        local mark = expires and expires ~= '' and 'e' or sub(header, 4, 4)
        redis_call('SET', key, sub(header, 1, 3) .. mark .. sub(header, 5, HEADER) .. sub(record, HEADER + 1))
      elseif expires and expires ~= '' and byte(header, 4) ~= EXPIRES then
        redis_call('SETRANGE', key, 3, 'e')
      end
    else
      if place ~= 0 then
        leave(place, header, id, false)
      end
      if body ~= NEW then
        local position = is_final and sub(record, 21, HEADER) or sub(header, 21, HEADER)
        record = sub(record, 1, 2) .. sub(header, 3, 3) .. sub(record, 4, 4) .. sub(header, 5, 20) .. position
        rewrite_header(key, record, value, is_final)
      elseif from == 0 and not is_final then
        new_records[#new_records + 1] = key
        new_records[#new_records + 1] = record
      else
        write(key, record, value, is_final)
      end
    end
    if is_tail then
      redis_call('XADD', keys[LANES + lane - 48], value, 'j', id)
      if to == RUNNING then
        to_running[#to_running + 1] = id
        to_running[#to_running + 1] = sub(record, 1, HEADER) .. claim
      end
    elseif to ~= READY and to ~= RUNNING then
      enter(to, value, id, record)
    end
    if expires and expires ~= '' and to < RUNNING then
      to_expiry[#to_expiry + 1] = expires
      to_expiry[#to_expiry + 1] = id
    end
    if action == 't' then
      redis_call('SET', unique, id .. '|' .. till)
    elseif action == 'r' and holder == id then
      if held_ms ~= '' then
        redis_call('SET', unique, id .. '|r', 'PX', held_ms)
      else
        redis_call('DEL', unique)
      end
    end
  end
  answers[i] = result .. char(64 + place)
end

-- Leave, then enter, each structure once.
if new_records[1] then redis_call('MSET', unpack(new_records)) end
for lane, positions in pairs(left_lanes) do
  redis_call('XDEL', keys[LANES + lane], unpack(positions))
end
if left_running[1] then redis_call('HDEL', running, unpack(left_running)) end
if left_due[1] then redis_call('ZREM', due, unpack(left_due)) end
if left_expiry[1] then redis_call('ZREM', expiry, unpack(left_expiry)) end
if left_dead[1] then redis_call('ZREM', dead, unpack(left_dead)) end
if left_done[1] then redis_call('ZREM', done, unpack(left_done)) end
if to_running[1] then redis_call('HSET', running, unpack(to_running)) end
if to_due[1] then redis_call('ZADD', due, unpack(to_due)) end
if to_expiry[1] then redis_call('ZADD', expiry, unpack(to_expiry)) end
if to_dead[1] then redis_call('ZADD', dead, unpack(to_dead)) end
if to_done[1] then redis_call('ZADD', done, unpack(to_done)) end
write_ends(dead_ends, dead_runs)
write_ends(done_ends, done_runs)

return {0, table.concat(answers), unpack(details)}
