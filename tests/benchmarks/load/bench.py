"""The servers that are compared, what they hold, and running workloads on them in turn."""
import gzip
import json
import os
import shutil
import subprocess
import sys
import time

from . import dicom, wrk
from .results import Results
from .servers import Nginx, Orthanc


class Bench:
    """Servers are made and started once; each round runs every server of a workload before the next round begins."""

    def __init__(self, quick, work, library, constant, forwarding, peer):
        self.quick, self.work, self.library, self.constant, self.forwarding, self.peer = quick, work, library, constant, forwarding, peer
        self.results = Results()
        self.begin = time.monotonic()
        self.names, self.servers = 0, []

    def say(self, text):
        print(f"[{time.monotonic() - self.begin:6.1f} s] {text}", flush=True)

    def folder(self, name):
        self.names += 1
        return os.path.join(self.work, f"{self.names}-{name.replace(' ', '-').replace(',', '')}")

    # ---- servers

    def make_storage(self):
        """A database with a study of 500 slices and one of 2,000, made once and copied, and the files for the limit plugin."""
        maker = self.known(Orthanc("bare", self.folder("storage")))
        maker.start()
        for study, count in ((1, 500), (2, 2000)):
            maker.upload(dicom.slices(study, count))
        self.storage = os.path.join(maker.folder, "storage")
        self.studies = {}
        for study in json.loads(maker.get("/studies")[2]):
            self.studies[json.loads(maker.get(f"/studies/{study}/statistics")[2])["CountInstances"]] = study
        self.studies = {int(count): study for count, study in self.studies.items()}
        self.instances = json.loads(maker.get("/instances")[2])
        self.bodies = {}
        for count, study in self.studies.items():
            folder = os.path.join(self.work, f"files-{count}")
            os.makedirs(folder)
            for name, route in (("small.json", "shared-tags"), ("large.json", "instances-tags")):
                body = maker.get(f"/studies/{study}/{route}")[2]
                self.bodies[f"/studies/{study}/{route}"] = body
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(body)
            large = os.path.join(folder, "large.json")
            with open(large, "rb") as plain, open(large + ".gz", "wb") as packed:
                packed.write(gzip.compress(plain.read(), 6))
            subprocess.run(["zstd", "-q", "-3", large, "-o", large + ".zst"], check=True)
        maker.stop()

    def orthanc(self, name, storage=True, settings=None, arguments=()):
        return self.known(Orthanc(name, self.folder(name), self.storage if storage else None, settings=settings, arguments=arguments))

    def known(self, server):
        """Remembers a server, to be stopped at the end whatever happens."""
        self.servers.append(server)
        return server

    def ours(self, storage=True, cache=None, options=None, settings=None, arguments=(), warm_up=False):
        server = self.orthanc("ours", storage, arguments=arguments)
        server.plugins = [self.library]
        server.settings = {"ResponseCache": {"Directory": cache or os.path.join(server.folder, "cache"), "WarmUp": warm_up, **(options or {})},
                           **(settings or {})}
        return server

    def limit(self, count=500, storage=False, settings=None):
        server = self.orthanc("limit", storage, settings)
        server.plugins = [self.constant]
        server.extra_environment = {"CONSTANT_PLUGIN_FILES": os.path.join(self.work, f"files-{count}")}
        return server

    def forwarder(self, storage=True, on_threads=False):
        """The limit of a miss: a plugin that asks the core and answers, and nothing else; on_threads: on threads with room on their stacks."""
        server = self.orthanc("forwarding, on threads" if on_threads else "forwarding", storage)
        server.plugins = [self.forwarding]
        server.extra_environment = {"FORWARDING_PLUGIN_THREADS": "1" if on_threads else "0"}
        return server

    def python_plugin(self):
        """Debian's orthanc-python with the plugin that PYTHON_PEER points at: its script, or the folder of it and what it imports."""
        scripts = [self.peer] if os.path.isfile(self.peer) else [
            os.path.join(self.peer, name) for name in sorted(os.listdir(self.peer)) if name.endswith(".py") and not name.endswith("_dev.py")]
        if len(scripts) != 1:
            raise RuntimeError(f"PYTHON_PEER must name one script: {scripts}")
        server = self.orthanc("python")
        script = shutil.copy(scripts[0], server.folder)
        server.plugins = ["/usr/share/orthanc/plugins/libOrthancPython.so"]
        server.settings = {"PythonScript": script, "PythonVerbose": False}
        server.extra_environment = {"HOME": server.folder, "TMPDIR": server.folder, "PYTHONPATH": os.path.dirname(scripts[0])}
        return server

    def nginx(self, origin, revalidates):
        name = "nginx, revalidating" if revalidates else "nginx"
        return self.known(Nginx(name, self.folder(name), origin, revalidates))

    # ---- running

    def rate(self, workload, targets, connections=8, seconds=None, rounds=None, headers=None, environment=None):
        """wrk on each (server, path, headers of its own) in turn, several rounds, the order turned in each."""
        rounds = rounds or (3 if self.quick else 5)
        seconds = seconds or (1 if self.quick else 3)
        for i in range(rounds):
            for server, path, own, *name in targets[i % len(targets):] + targets[:i % len(targets)]:
                # Whoever computes answers needs time for a few.
                slow = server.name in ("bare", "nginx, revalidating")
                values = wrk.run(server, path, connections=connections, seconds=max(seconds, 3) if slow else seconds,
                                 headers={**(headers or {}), **own}, environment=environment)
                self.results.add(workload, name[0] if name else server.name, **values)
        self.tell(workload)

    def tell(self, workload, measure="rate"):
        r = self.results
        self.say(f"{workload}: " + ", ".join(
            f"{s} {r.median(workload, s, measure):,.4g}" for s in r.samples.get(workload, {}) if r.median(workload, s, measure) is not None))


def need(condition, text):
    if not condition:
        sys.exit("build/bench.sh: " + text)
