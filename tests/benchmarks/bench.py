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
    parser.add_argument("--output", required=True)
    parser.add_argument("--fact", action="append", default=[], help="a line NAME=VALUE for the head of the table")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped

    work = tempfile.mkdtemp(prefix="orthanc-response-cache-bench.")
    try:
        bench = Bench(options.quick, work, options.library, options.constant, os.environ.get("PYTHON_PEER"))
        bench.say("making two studies")
        bench.make_storage()
        for workload in workloads.ALL:
            if not options.only or workload.__name__ in options.only:
                workload(bench)
        facts = dict(fact.split("=", 1) for fact in options.fact)
        facts["sizes"] = ", ".join(f"{path.rsplit('/', 1)[1]} {len(body):,} bytes" for path, body in bench.bodies.items())
        rows = list(goals(bench.results, MEMORY_SIZE))
        text = report.write(options.output, bench.results, rows, facts)
        plot.write(os.path.join(options.output, "plot.svg"), bench.results)
        print("\n" + text)
        bench.say(f"written to {options.output}: table.md, results.json, results.csv, plot.svg")
    finally:
        if sys.exc_info()[0] not in (None, KeyboardInterrupt):
            for name in sorted(os.listdir(work)):
                log = os.path.join(work, name, "log")
                if os.path.exists(log):
                    with open(log, errors="replace") as f:
                        errors = [line for line in f if line.startswith("E")]
                    print(name, *errors[-5:], sep="\n  ", file=sys.stderr)
        shutil.rmtree(work, ignore_errors=True)


main()
