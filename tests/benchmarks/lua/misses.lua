-- wrk: asks for the tags of the instances that MISS_PATHS lists, each time with a tag to ignore that nobody named before, counted from
-- MISS_FIRST: another key each time, for the same answer.
dofile(os.getenv("WRK_LUA") .. "/report.lua")

local paths, number = {}, 0

function init()
  for line in io.lines(os.getenv("MISS_PATHS")) do paths[#paths + 1] = line end
  number = tonumber(os.getenv("MISS_FIRST"))
end

function request()
  number = number + 1
  local tag = string.format("%04x-%04d", 0x1001 + 2 * math.floor(number / 9000), number % 9000)
  return wrk.format("GET", paths[number % #paths + 1] .. "?ignore-length=" .. tag)
end
