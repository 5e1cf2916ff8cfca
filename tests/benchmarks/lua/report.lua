-- wrk: sends the requests of the file that WRK_PATHS names (one path per line, at random) or the one of the command line, and prints
-- what came of it as one line of JSON. Times are in microseconds.
local paths = {}

function init()
  local name = os.getenv("WRK_PATHS")
  if name then
    for line in io.lines(name) do paths[#paths + 1] = wrk.format("GET", line) end
    math.randomseed(tonumber(os.getenv("WRK_SEED") or "1"))
    request = function() return paths[math.random(#paths)] end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nJSON {"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"errors":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
