"""Downloads of a large study as an archive, from bare Orthanc and from one with the plugin, in each Orthanc that there is. Started by
build/bench.sh --archives.

First byte: of the body, median of the downloads. Total: until the last download is whole. Processor: time that the server took. Memory: its
largest resident size meanwhile, above what it had before. Each figure is the median of some rounds, each with a server that has just been
started. What is downloaded must be the same by name, length and checksum."""
import argparse
import collections
import io
import json
import os
import random
import shutil
import signal
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
import zipfile

from load import dicom
from load.servers import Orthanc

SIDE = 1024  # pixels of 16 bits: 2 MiB each slice
NOISE = 4    # different slices
AT_ONCE = (1, 10)
TAIL = 1 << 17  # bytes at the end of an archive, its directory among them


class HousedOrthanc(Orthanc):
    """Orthanc of another system, whose root is a directory here; of this one where that is empty."""

    def __init__(self, name, root, folder, **arguments):
        super().__init__(name, folder, **arguments)
        self.root = root

    def inside(self, path):
        return path[len(self.root):]

    def command(self):
        storage = self.inside(os.path.join(self.folder, "storage"))
        self.settings = {**self.settings, "StorageDirectory": storage, "IndexDirectory": storage}
        command = super().command()
        return command if not self.root else ["chroot", self.root, *command[:-1], self.inside(command[-1])]

    def environment(self):
        return {name: value for name, value in super().environment().items() if not self.root or name != "TMPDIR"}

    def status(self, name):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as clear:
            clear.write("5")


def slices(study, count):
    """A study of large slices that compress as those of a scanner do: smooth, with noise."""
    generator = random.Random(1)
    pictures = [struct.pack(f"<{SIDE * SIDE}h", *(int(generator.gauss(0, 12)) + (i % SIDE) * (i // SIDE) // 400 for i in range(SIDE * SIDE)))
                for _ in range(NOISE)]
    for number, one in enumerate(dicom.slices(study, count, explicit_template(study))):
        yield one + struct.pack("<HH2s2xI", 0x7FE0, 0x0010, b"OW", 2 * SIDE * SIDE) + pictures[number % NOISE]


def explicit_template(study):
    """A slice whose pixels are yet to come."""
    import pydicom
    data = pydicom.dcmread(io.BytesIO(dicom.template(study, f"BENCH{study:07d}")))
    del data.PixelData
    data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data.is_little_endian, data.is_implicit_VR = True, False
    data.Rows = data.Columns = SIDE
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit = 15
    for element in [e.tag for e in data if e.tag > 0x7FE00000]:
        del data[element]
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, write_like_original=False)
    return stream.getvalue()


def download(port, path, results):
    """One archive: its times, the size of its body, and the end of that."""
    begin, first, size, kept, head, tail = time.monotonic(), None, 0, 0, b"", collections.deque()
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        buffer = bytearray(1 << 20)
        while True:
            count = connection.recv_into(buffer)
            if count == 0:
                break
            data = memoryview(buffer)[:count]
            if first is None:
                head += data
                end = head.find(b"\r\n\r\n")
                if end < 0 or end + 4 == len(head):
                    continue
                first = time.monotonic() - begin
                status, data = int(head.split(b" ", 2)[1]), head[end + 4:]
            size += len(data)
            tail.append(bytes(data))
            kept += len(data)
            while kept - len(tail[0]) >= TAIL:
                kept -= len(tail.popleft())
    results.append((status, first, size, b"".join(tail)))


def measure(server, path, at_once):
    server.start()
    try:
        server.get("/studies")
        time.sleep(1)
        server.forget_peak()
        idle, processor, results = server.status("VmRSS"), server.processor_time(), []
        clients = [threading.Thread(target=download, args=(server.port, path, results)) for _ in range(at_once)]
        begin = time.monotonic()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        total = time.monotonic() - begin
        if len(results) != at_once or any(status != 200 for status, *_ in results):
            raise RuntimeError(f"{server.name}: {len(results)} downloads of {at_once}, {results[:1]}")
        return {"first": statistics.median(first for _, first, *_ in results), "total": total, "processor": server.processor_time() - processor,
                "memory": (server.status("VmHWM") - idle) / 1e6, "size": results[0][2] / 1e6, "files": [contents(tail) for *_, tail in results]}
    finally:
        server.stop()


def contents(tail):
    """What the directory of an archive says, in its order."""
    with zipfile.ZipFile(io.BytesIO(tail)) as archive:
        return [(entry.filename, entry.file_size, entry.CRC) for entry in archive.infolist()]


def run(options, root, work):
    """All figures of one system."""
    bare = HousedOrthanc("bare", root, os.path.join(work, "bare"))
    bare.start()
    try:
        version = json.loads(bare.get("/system")[2])["Version"]
        bare.upload(slices(1, options.size // 2))
        path = f"/studies/{json.loads(bare.get('/studies')[2])[0]}/archive"
    finally:
        bare.stop()
    ours = HousedOrthanc("here", root, os.path.join(work, "here"), storage=os.path.join(bare.folder, "storage"))
    library = shutil.copy(options.library, ours.folder)
    ours.plugins = [ours.inside(library)]
    ours.settings = {"ResponseCache": {"Directory": ours.inside(os.path.join(ours.folder, "cache")), "WarmUp": False}}
    figures, files = {}, None
    for at_once in options.at_once or AT_ONCE:
        rounds = options.rounds if at_once == 1 else (options.rounds + 1) // 2
        for number in range(rounds):
            for server in (bare, ours)[::1 if number % 2 == 0 else -1]:
                one = measure(server, path, at_once)
                for found in one.pop("files"):
                    files = files or found
                    if found != files or not files:
                        raise RuntimeError(f"{version}: the archives differ")
                figures.setdefault((at_once, server.name), []).append(one)
                print(version, server.name, at_once, {name: round(value, 3) for name, value in one.items()}, flush=True)
    return version, figures


def row(version, figures, at_once):
    def median(server, name):
        return statistics.median(one[name] for one in figures[at_once, server])

    def cells(server):
        return f"{median(server, 'first'):.3f} s | {median(server, 'total'):.1f} s | {median(server, 'processor'):.1f} s | {median(server, 'memory'):.0f} MB"

    return f"| {version} | {at_once} | {cells('bare')} | {cells('here')} | {median('here', 'total') / median('bare', 'total'):.2f} |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--root", default="", help="of the system whose Orthanc is measured; this one by default")
    parser.add_argument("--size", type=int, default=400, help="MiB of the study")
    parser.add_argument("--rounds", type=int, default=3, help="of single downloads; of ten at once half of that")
    parser.add_argument("--at-once", type=int, action="append", help="how many downloads; 1 and 10 by default")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    root = options.root.rstrip("/")
    work = tempfile.mkdtemp(prefix="orthanc-response-cache-archives.", dir=root + "/tmp")
    try:
        version, figures = run(options, root, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    with open(options.output, "a") as table:
        if table.tell() == 0:
            table.write("| Orthanc | downloads | bare: first byte | total | processor | memory | here: first byte | total | processor | memory | total, of bare |\n"
                        "|---|---|---|---|---|---|---|---|---|---|---|\n")
        for at_once in options.at_once or AT_ONCE:
            table.write(row(version, figures, at_once) + "\n")


main()
