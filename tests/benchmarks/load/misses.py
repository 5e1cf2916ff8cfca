"""What nobody asked for yet: one request after the other, and fifty at once."""
import concurrent.futures
import threading
import time

from .bench import need


def tag_of_number(number):
    """A DICOM tag, as the argument ignore-length takes it: makes a key of its own, and an answer that is the same but for that."""
    return f"{0x1001 + 2 * (number // 60000):04x}-{number % 60000:04x}"


def misses(bench, bare, ours, large):
    """One request after the other, each with a key that nobody asked for yet; and what a plugin costs that only asks the core."""
    forwarder = bench.forwarder()
    forwarder.start()
    servers = [bare, ours, forwarder]

    def one(server, path):
        begin = time.perf_counter()
        status, headers, _ = server.get(path)
        need(status == 200 and "; hit" not in headers.get("cache-status", ""), f"{server.name}: not a miss: {path}")
        return (time.perf_counter() - begin) * 1000

    for workload, count, path in (
            ("miss, instances-tags", 10 if bench.quick else 40, lambda i: f"{large}?ignore-length={tag_of_number(i)}"),
            ("miss, tags of one instance", 300 if bench.quick else 2000, lambda i: f"/instances/{bench.instances[i % 500]}/tags?ignore-length={tag_of_number(i)}")):
        for i in range(count):
            for server in servers[i % 3:] + servers[:i % 3]:
                bench.results.add(workload, server.name, ms=one(server, path(i)))
        bench.tell(workload, "ms")
    forwarder.stop()


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
