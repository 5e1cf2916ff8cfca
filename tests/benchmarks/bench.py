"""Compares the plugin with bare Orthanc, with the limit, with nginx and with the Python plugin. Started by build/bench.sh."""
import argparse
import os
import shutil
import signal
import sys
import tempfile

from load import plot, report, workloads
from load.bench import Bench
from load.goals import goals

MEMORY_SIZE = 64  # MiB, the default


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", help="run only the workload of this name", choices=[w.__name__ for w in workloads.ALL])
    parser.add_argument("--library", required=True)
    parser.add_argument("--constant", required=True)
    parser.add_argument("--forwarding", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--fact", action="append", default=[], help="a line NAME=VALUE for the head of the table")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped

    work = tempfile.mkdtemp(prefix="orthanc-response-cache-bench.")
    bench = Bench(options.quick, work, options.library, options.constant, options.forwarding, os.environ.get("PYTHON_PEER"))
    facts = dict(fact.split("=", 1) for fact in options.fact)
    chosen = [w for w in workloads.ALL if not options.only or w.__name__ in options.only]
    try:
        bench.say("making two studies")
        bench.make_storage()
        facts["sizes"] = ", ".join(f"{path.rsplit('/', 1)[1]} {len(body):,} bytes" for path, body in bench.bodies.items())
        for workload in chosen:
            workload(bench)
    except BaseException as failure:  # an interrupted run still shows what it measured, and that it is not whole
        facts["NOT COMPLETE"] = f"{type(failure).__name__}: {failure}"
        show_errors(work)
        raise
    finally:
        facts["load after (1, 5, 15 min)"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
        text = report.write(options.output, bench.results, list(goals(bench.results, MEMORY_SIZE)), facts)
        plot.write(os.path.join(options.output, "plot.svg"), bench.results)
        print("\n" + text)
        bench.say(f"written to {options.output}: table.md, results.json, results.csv, plot.svg")
        for server in bench.servers:
            server.stop()
        shutil.rmtree(work, ignore_errors=True)


def show_errors(work):
    """What the servers logged as errors."""
    for name in sorted(os.listdir(work)):
        log = os.path.join(work, name, "log")
        if os.path.exists(log):
            with open(log, errors="replace") as f:
                errors = [line.rstrip() for line in f if line.startswith("E")]
            if errors:
                print(name, *errors[-5:], sep="\n  ", file=sys.stderr)


main()
