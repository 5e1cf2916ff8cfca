"""What nobody asked for yet: one request after the other, and fifty at once."""
import concurrent.futures
import os
import threading
import time

from . import wrk
from .bench import need
from .stopwatch import Stopwatch


def tag_of_number(number):
    """A DICOM tag, as the argument ignore-length takes it: makes a key of its own, and an answer that is the same but for that."""
    return f"{0x1001 + 2 * (number // 60000):04x}-{number % 60000:04x}"


def misses(bench, bare, ours, large, huge):
    """One request after the other, each with a key that nobody asked for yet; and what a plugin costs that only asks the core."""
    forwarders = [bench.forwarder(), bench.forwarder(on_threads=True)]
    for forwarder in forwarders:
        forwarder.start()
        # What computing the largest answer leaves behind, as in the others: glibc then takes longer for the small pieces of any answer.
        forwarder.get(huge)
    clients = [Stopwatch(server) for server in (bare, ours, *forwarders)]

    def one(client, path):
        milliseconds, status, headers, _ = client.get(path)
        need(status == 200 and "; hit" not in headers.get("cache-status", ""), f"{client.server.name}: not a miss: {path}")
        return milliseconds

    for workload, count, path in (
            ("miss, instances-tags", 10 if bench.quick else 40, lambda i: f"{large}?ignore-length={tag_of_number(i)}"),
            ("miss, tags of one instance", 300 if bench.quick else 2000, lambda i: f"/instances/{bench.instances[i % 500]}/tags?ignore-length={tag_of_number(i)}")):
        for i in range(count):
            for client in clients[i % 4:] + clients[:i % 4]:
                bench.results.add(workload, client.server.name, ms=one(client, path(i)))
        bench.tell(workload, "ms")
    for client in clients:
        client.close()
    misses_at_once(bench, [bare, ours, *forwarders])
    for forwarder in forwarders:
        forwarder.stop()


def misses_at_once(bench, servers):
    """Small misses on eight connections: here what a plugin does behind the answer competes with the next one."""
    name = os.path.join(bench.work, "missed")
    with open(name, "w") as f:
        f.write("\n".join(f"/instances/{instance}/tags" for instance in bench.instances[:500]) + "\n")
    for i in range(3 if bench.quick else 5):
        for server in servers[i % 4:] + servers[:i % 4]:
            values = wrk.run(server, seconds=2 if bench.quick else 3, script="misses.lua",
                             environment={"MISS_PATHS": name, "MISS_FIRST": str(1_000_000 + 100_000 * i)})
            bench.results.add("miss, tags, 8 connections", server.name, **values)
    bench.tell("miss, tags, 8 connections")


def stampede(bench, bare, ours, large):
    """50 clients ask for one cold key at the same moment."""
    workload = "50 clients, one cold key"
    for i in range(3):
        for server in (bare, ours) if i == 0 else (ours,):
            path = f"{large}?ignore-length={tag_of_number(50000 + i)}"
            barrier = threading.Barrier(51)

            def client():
                barrier.wait()
                status, headers, _ = server.get(path)
                need(status == 200, f"{server.name} answers {status}")
                return "fwd" in headers.get("cache-status", "fwd")

            with concurrent.futures.ThreadPoolExecutor(50) as pool:
                futures = [pool.submit(client) for _ in range(50)]
                barrier.wait()
                begin = time.perf_counter()
                computed = sum(future.result() for future in futures)
                bench.results.add(workload, server.name, ms=(time.perf_counter() - begin) * 1000, fwd=computed)
    bench.tell(workload, "ms")
    bench.tell(workload, "fwd")
