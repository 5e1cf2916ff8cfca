"""The workloads, in the order in which they run. Each leaves its samples in bench.results."""
import concurrent.futures
import json
import os
import random
import re
import time

from . import dicom, wrk
from .bench import need
from .misses import misses, stampede, tag_of_number
from .stopwatch import Stopwatch

STEADY = "hit small, 8 connections"


def special(name, route):
    """A path that the limit plugin answers in another way, as long as those of the others: Orthanc's cost depends on that, too."""
    return f"/studies/{name.ljust(44, '-')}/{route}"


def hits(bench):
    """Hits and 304s on all servers, which run side by side; their memory; misses."""
    small, large, huge = (f"/studies/{bench.studies[n]}/{r}" for n, r in ((500, "shared-tags"), (500, "instances-tags"), (2000, "instances-tags")))
    bare, ours, limit, limit_huge = bench.orthanc("bare"), bench.ours(), bench.limit(), bench.limit(2000)
    bare.start()
    for path in (small, large, huge):
        bare.get(path)  # what computing each answer once leaves behind, as in all others
    bench.results.add("memory after the hits", "bare", **dict(zip(("now", "peak"), bare.memory())))
    servers = [bare, ours, limit, limit_huge, bench.nginx(bare, False), bench.nginx(bare, True)]
    if bench.peer:
        servers.append(bench.python_plugin())
    nginx, revalidating, python = servers[4], servers[5], servers[6:]
    for server in servers[1:]:
        server.start()
    for path in (small, large, huge):
        ours.wait_for_hit(path)
        for server in [ours, nginx] + python:
            for _ in range(2):
                status, headers, body = server.get(path)
            need(status == 200 and body == bench.bodies[path], f"{server.name} answers {path} otherwise than Orthanc ({status}, {len(body)} bytes)")
    tag = ours.get(small)[1]["etag"]
    need(ours.get(small, {"If-None-Match": tag})[0] == 304, "no 304")

    def plain(path, *who):
        return [(server, path, {}) for server in who]

    with_headers = [(limit, special("with-headers", "shared-tags"), {}, "limit + headers")]
    bench.rate(STEADY, plain(small, ours, limit) + with_headers + plain(small, nginx, revalidating, *python))
    few = 2 if bench.quick else None
    bench.rate("hit small, 1 connection", plain(small, ours, limit, nginx), connections=1, rounds=few)
    bench.rate("hit small, 50 connections", plain(small, ours, limit, nginx, *python), connections=50, rounds=few)
    bench.rate("304, 8 connections", [(s, small, {"If-None-Match": tag}) for s in (ours, limit)]
               + [(limit, special("with-headers", "shared-tags"), {"If-None-Match": tag}, "limit + headers")]
               + [(s, small, {"If-None-Match": s.get(small)[1].get("etag", tag)}) for s in python])
    bench.rate("hit large, identity", plain(large, ours, limit, nginx, *python))
    bench.rate("hit large, identity, 50 connections", plain(large, ours, limit, nginx), connections=50, rounds=few)
    for coding in ("zstd", "gzip"):
        bench.rate(f"hit large, {coding}", plain(large, ours, limit, *([nginx] if coding == "gzip" else [])), headers={"Accept-Encoding": coding})
    bench.rate("hit of 2,000 slices, identity", [(ours, huge, {}), (limit_huge, huge, {}, "limit"), (nginx, huge, {})], rounds=few)
    bench.rate("hit of 2,000 slices, zstd", [(ours, huge, {}), (limit_huge, huge, {}, "limit")], headers={"Accept-Encoding": "zstd"},
               rounds=few)
    for path, name in ((small, STEADY), (large, "hit large, identity")):
        bench.rate(name, plain(path, bare), rounds=1)
    for server in (ours, limit, nginx, *python):
        now, peak = server.memory()
        bench.results.add("memory after the hits", server.name, now=now, peak=peak)
    bench.tell("memory after the hits", "peak")
    misses(bench, bare, ours, large, huge)
    stampede(bench, bare, ours, large)
    for server in reversed(servers):
        server.stop()


def host_compression(bench):
    """Clients that accept gzip where Orthanc compresses by itself."""
    path = f"/studies/{bench.studies[500]}/instances-tags"
    settings = {"HttpCompressionEnabled": True}
    ours, limit = bench.ours(settings=settings), bench.limit(settings=settings)
    for server in (ours, limit):
        server.start()
    ours.wait_for_hit(path)
    bench.rate("hit large, gzip, HttpCompressionEnabled",
               [(ours, path, {}), (limit, special("as-status", "instances-tags"), {})], headers={"Accept-Encoding": "gzip"})
    for server in (ours, limit):
        server.stop()


def fill(server, paths, threads=4):
    """Asks for every path once; returns after the last."""
    def some(part):
        connection = server.connect()
        for path in part:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            need(answer.status == 200, f"{server.name} answers {answer.status} to {path}")
        connection.close()

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, [paths[i::threads] for i in range(threads)]))


def share_of_hits(server, paths, count=300):
    sample = [random.choice(paths) for _ in range(count)]
    return sum("; hit" in server.get(path)[1].get("cache-status", "") for path in sample) / count


def measure_keys(bench, workload, server, paths, rounds=None):
    name = os.path.join(server.folder, "paths")
    with open(name, "w") as f:
        f.write("\n".join(paths) + "\n")
    hits_before = share_of_hits(server, paths)
    bench.rate(workload, [(server, "/", {})], environment={"WRK_PATHS": name}, rounds=rounds)
    bench.results.add(workload, server.name, hits=(hits_before + share_of_hits(server, paths)) / 2)


def distinct_keys(bench):
    """Random requests over more and more entries: tags of instances, of one size."""
    ours = bench.ours(options={"MaximumSize": 2048})
    ours.start()
    ours.wait_for_hit(f"/instances/{bench.instances[0]}/tags")
    paths = []
    for count in (100, 1000, 10000) if bench.quick else (100, 1000, 10000, 100000):
        more = [f"/instances/{bench.instances[i % 2500]}/tags?ignore-length={tag_of_number(i // 2500)}" for i in range(len(paths), count)]
        fill(ours, more)
        paths += more
        time.sleep(1)  # what waits for the writers
        measure_keys(bench, f"{count:,} distinct keys", ours, paths)
    ours.stop()


def memory_and_disk(bench):
    """The same entries in a log that fits into memory, and in one of which the measured part is on disk."""
    count = 20000 if bench.quick else 60000
    paths = [f"/instances/{bench.instances[i % 2500]}/file?filename=n{i}" for i in range(count)]
    servers = {}
    for name, size in (("entries in memory", 512), ("entries on disk", 32)):
        servers[name] = bench.ours(options={"CacheBinaries": True, "MaximumSize": 2048, "MemorySize": size})
        servers[name].start()
        servers[name].wait_for_hit(paths[0])
        fill(servers[name], paths)
    time.sleep(1)
    for name, server in servers.items():
        measure_keys(bench, name, server, paths[:count // 3])
        server.stop()


def upload_environment(bench, first, patients=False):
    name = os.path.join(bench.work, "slice.dcm")
    if not os.path.exists(name):
        with open(name, "wb") as f:
            f.write(dicom.template(3))
    environment = {"UPLOAD_TEMPLATE": name, "UPLOAD_INSTANCE": dicom.INSTANCE, "UPLOAD_FIRST": str(first)}
    return {**environment, "UPLOAD_PATIENT": dicom.PATIENT} if patients else environment


def uploads(bench):
    """Uploads per second into two growing databases, with the plugin as it comes: warm-up included."""
    servers = [bench.orthanc("bare", storage=False), bench.ours(storage=False, warm_up=True)]
    for server in servers:
        server.start()
    first = 0
    for i in range(4 if bench.quick else 16):
        for server in (servers, servers[::-1])[i % 2]:
            values = wrk.run(server, connections=4, seconds=2 if bench.quick else 4, script="upload.lua", environment=upload_environment(bench, first))
            if i > 0:  # the first round warms up
                bench.results.add("uploads", server.name, **values)
        first += 10_000_000
    bench.tell("uploads")
    for server in servers:
        server.stop()


def under_load(bench):
    """Hits while nothing happens, while instances come all the time, and while patients are recycled all the time."""
    small = f"/studies/{bench.studies[500]}/shared-tags"
    seconds = 2 if bench.quick else 8
    for state in ("quiet", "while uploading", "while recycling"):
        settings = {"MaximumPatientCount": 50} if state == "while recycling" else {}
        servers = [bench.ours(settings=settings), bench.limit(storage=True, settings=settings)]
        for server in servers:
            server.start()
        if settings:
            protect(servers)
        servers[0].wait_for_hit(small)
        for i in range(2 if bench.quick else 4):
            for server in servers:
                load = None if state == "quiet" else wrk.start(
                    server, connections=1, seconds=seconds + 2, script="upload.lua",
                    environment=upload_environment(bench, 1_000_000 * (i + 1), patients=state == "while recycling"))
                if load:
                    time.sleep(1)
                values = wrk.run(server, small, connections=4, seconds=seconds)
                bench.results.add(f"hit small, {state}", server.name, **values)
                if load:
                    loaded = wrk.finish(load)
                    bench.results.add(f"uploads beside hits, {state}", server.name, rate=loaded["rate"], errors=loaded["errors"])
        bench.tell(f"hit small, {state}")
        for server in servers:
            server.stop()


def protect(servers):
    """Keeps the patients of the studies from being recycled, and waits until that has settled."""
    for server in servers:
        for patient in json.loads(server.get("/patients")[2]):
            server.request("PUT", f"/patients/{patient}/protected", "1")
    time.sleep(11)


def calls_to_the_core(bench):
    """Counts, in Orthanc's own trace of plugin calls, the internal requests that hits cause (service 3016, CallRestApi)."""
    small = f"/studies/{bench.studies[500]}/shared-tags"
    counts = {}
    for state in ("quiet", "uploading", "recycling"):
        settings = {"MaximumPatientCount": 50} if state == "recycling" else {}
        ours = bench.ours(settings=settings, arguments=["--trace-plugins"])
        ours.start()
        if settings:
            protect([ours])
        ours.wait_for_hit(small)
        load = None if state == "quiet" else wrk.start(
            ours, connections=1, seconds=6, script="upload.lua", environment=upload_environment(bench, 1, patients=state == "recycling"))
        time.sleep(2)
        log = os.path.join(ours.folder, "log")
        begin = os.path.getsize(log)
        requests, hit = 3000, 0
        connection = ours.connect()
        for _ in range(requests):
            connection.request("GET", small)
            answer = connection.getresponse()
            answer.read()
            hit += "; hit" in (answer.getheader("Cache-Status") or "")
        connection.close()
        with open(log, errors="replace") as f:
            f.seek(begin)
            counts[state] = len(re.findall(r"Calling service 3016 from plugin", f.read())) / requests
        counts[f"hits {state}"] = hit / requests
        if load:
            wrk.finish(load)
        ours.stop()
    bench.results.add("calls to the core", "ours", **counts)
    bench.say(f"calls to the core per request: {counts}")


def derived_tags(bench):
    """The 18 responses about the tags of a study, one after the other: all new, and again when one instance has come; what is read from the
    disk after a restart, and what that takes there. And with more tags."""
    tags_of_study(bench, "18 responses about tags", bench.studies[500], None)
    many = dicom.with_many_tags(3)
    maker = bench.orthanc("bare", storage=False)
    maker.start()
    maker.upload(dicom.slices(3, 500, many))
    study = json.loads(maker.get("/studies")[2])[0]
    maker.stop()
    storage = os.path.join(maker.folder, "storage")
    usual, bench.storage = bench.storage, storage
    tags_of_study(bench, "18 responses about many tags", study, many)
    bench.storage = usual


def tags_of_study(bench, workload, study, many):
    routes = [r + f for r in ("instances-tags", "shared-tags") for f in ("", "?short", "?simplify")]
    for number in range(3 if bench.quick else 7):
        bare, ours = bench.orthanc("bare"), bench.ours()
        for server in (bare, ours):
            server.start()
            series = json.loads(server.get(f"/studies/{study}")[2])["Series"][0]
            patient = json.loads(server.get(f"/studies/{study}")[2])["ParentPatient"]
            paths = [f"/{level}/{route}" for level in (f"series/{series}", f"studies/{study}", f"patients/{patient}") for route in routes]
            time.sleep(3)  # until responses may be stored
            ask_all(bench, f"{workload}, all new", server, paths, first=f"{workload}, the first of them")
            server.upload([dicom.one(3 if many else 1, 600 + number, many)])
            time.sleep(3)
            bodies = ask_all(bench, f"{workload}, one more instance", server, paths)
            if server is ours:
                time.sleep(2)
                server.stop()
                bench.results.add(f"{workload}, disk", "ours", kb=disk_usage(server.settings["ResponseCache"]["Directory"]) / 1000)
                server.start()
                again = ask_all(bench, f"{workload}, after a restart", server, paths)
                need(bodies == expected == again, "tags differ from Orthanc's")
            expected = bodies
            server.stop()
    for which in ("the first of them", "all new", "one more instance", "after a restart"):
        bench.tell(f"{workload}, {which}", "ms")
        bench.tell(f"{workload}, {which}", "cpu")
    bench.tell(f"{workload}, disk", "kb")


def files(bench):
    """The file of one instance, of three sizes: bare, through plugins in C that only pass it on, and ours."""
    servers = [bench.orthanc("bare", storage=False), bench.forwarder(storage=False), bench.forwarder(storage=False, on_threads=True), bench.ours(storage=False)]
    clients = []
    for server in servers:
        server.start()
        clients.append(Stopwatch(server))
    for number, (size, text, count) in enumerate(((1 << 19, "0.5 MiB", 400), (50 << 20, "50 MiB", 9), (400 << 20, "400 MiB", 3))):
        file = dicom.large(900 + number, size)
        workload = f"file of {text}"
        path = None
        for server in servers:
            answer = json.loads(server.request("POST", "/instances", file)[2])
            path = f"/instances/{answer['ID']}/file"
        time.sleep(3)  # until responses may be stored
        for i in range(count // 4 if bench.quick and number == 0 else count):
            for client in clients[i % 4:] + clients[:i % 4]:
                cpu = client.server.processor_time()
                milliseconds, status, _, length = client.get(path)
                need(status == 200 and length == len(file), f"{client.server.name}: {status}, {length} bytes")
                bench.results.add(workload, client.server.name, ms=milliseconds, cpu=(client.server.processor_time() - cpu) * 1e6)
        bench.tell(workload, "ms")
    for server in servers:
        server.stop()


def ask_all(bench, workload, server, paths, first=None):
    """Asks for each path once; adds the time and the server's processor time, of the first one also alone."""
    begin, cpu, bodies = time.monotonic(), server.processor_time(), []
    for path in paths:
        bodies.append(server.get(path)[2])
        if first:
            bench.results.add(first, server.name, ms=(time.monotonic() - begin) * 1000, cpu=(server.processor_time() - cpu) * 1e6)
            first = None
    bench.results.add(workload, server.name, ms=(time.monotonic() - begin) * 1000, cpu=(server.processor_time() - cpu) * 1e6)
    return bodies


def start_up(bench):
    """Seconds from the start of the process to its first answer, with an empty and with a large cache."""
    megabytes = 128 if bench.quick else 1024
    filled = bench.ours(options={"CacheBinaries": True, "MaximumSize": 2 * megabytes})
    filled.start()
    filled.wait_for_hit(f"/instances/{bench.instances[0]}/file")
    cache, number = filled.settings["ResponseCache"]["Directory"], 0
    while disk_usage(cache) < megabytes * 1048576 and number < 1000 * megabytes:
        fill(filled, [f"/instances/{bench.instances[i % 2500]}/file?filename=s{i}" for i in range(number, number + 20000)])
        number += 20000
    size = disk_usage(cache) / 1048576
    filled.stop()
    bare, empty = bench.orthanc("bare"), bench.ours()
    for _ in range(5 if bench.quick else 10):
        for workload, server in (("start-up, empty cache", bare), ("start-up, empty cache", empty), (f"start-up, cache of {size:.0f} MiB", filled)):
            seconds = server.start()
            server.stop()
            bench.results.add(workload, server.name, seconds=seconds)
            if server is bare:
                bench.results.add(f"start-up, cache of {size:.0f} MiB", server.name, seconds=seconds)
    for workload in ("start-up, empty cache", f"start-up, cache of {size:.0f} MiB"):
        bench.tell(workload, "seconds")


def disk_usage(folder):
    return sum(os.stat(os.path.join(path, name)).st_blocks * 512 for path, _, names in os.walk(folder) for name in names)


ALL = [hits, host_compression, distinct_keys, memory_and_disk, uploads, under_load, calls_to_the_core, derived_tags, files, start_up]
