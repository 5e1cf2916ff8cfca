"""Runs wrk, Debian's load generator, and reads what it measured."""
import json
import os
import subprocess

LUA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lua")


def start(server, path="/", connections=8, seconds=2, headers=None, script="report.lua", environment=None):
    """Begins a run of so many whole seconds; finish() waits for its end."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", os.path.join(LUA, script)]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    return subprocess.Popen(command + [server.url(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "WRK_LUA": LUA, **(environment or {})})


def finish(process):
    """What the run measured: rate (requests per second), p50 and p99 (ms), bytes per answer, errors.
    run() adds the server's own CPU time per request (µs), which other load on the machine disturbs less than the rate."""
    text, _ = process.communicate(timeout=300)
    line = next((line for line in text.splitlines() if line.startswith("JSON ")), None)
    if process.returncode != 0 or line is None:
        raise RuntimeError("wrk failed: " + text)
    values = json.loads(line[5:])
    return {
        "rate": values["requests"] * 1e6 / max(1, values["microseconds"]),
        "p50": values["p50"] / 1000,
        "p99": values["p99"] / 1000,
        "size": values["bytes"] / max(1, values["requests"]),
        "requests": values["requests"],
        "errors": values["errors"],
    }


def run(server, *arguments, **options):
    before = server.processor_time()
    result = finish(start(server, *arguments, **options))
    result["cpu"] = (server.processor_time() - before) * 1e6 / max(1, result["requests"])
    return result
