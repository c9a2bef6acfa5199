-- Sends the bodies of a file in turn, one per line, and prints what wrk counted as one line of JSON.
local requests, place = {}, 0

function init(arguments)
    local headers = {["Content-Type"] = "application/json"}
    for index = 2, #arguments do
        local name, value = arguments[index]:match("^(.-)=(.*)$")
        headers[name] = value
    end
    for line in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("POST", nil, headers, line)
    end
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "seconds": %.6f, "p50": %.4f, "p99": %.4f, "max": %.4f, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
