"""Writes the table, the figures and the plot."""
import csv
import json
import math
import os

SHOWN = ["bare", "ours", "limit", "limit + headers", "forwarding", "forwarding, on threads", "nginx", "nginx, revalidating", "python"]
UNITS = {"rate": "/s", "p50": "ms", "p99": "ms", "cpu": "µs CPU", "ms": "ms", "seconds": "s", "peak": "MB", "now": "MB", "kb": "KB"}


def number(value):
    if value is None:
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - int(math.floor(math.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def goal_table(rows):
    lines = ["| workload | ratio | measured | goal | |", "|---|---|---|---|---|"]
    for workload, what, value, goal, is_met in rows:
        lines.append(f"| {workload} | {what} | {number(value)} | {goal} | {'-' if is_met is None else 'met' if is_met else '**missed**'} |")
    return lines


def measure_table(results, measure, title):
    workloads = [w for w in results.samples if any(results.values(w, s, measure) for s in results.samples[w])]
    servers = [s for s in SHOWN if any(results.values(w, s, measure) for w in workloads)]
    if not workloads:
        return []
    lines = ["", f"## {title}", "", "| workload | " + " | ".join(servers) + " |", "|---" * (len(servers) + 1) + "|"]
    for workload in workloads:
        cells = []
        for server in servers:
            value, spread = results.median(workload, server, measure), results.spread(workload, server, measure)
            cells.append("-" if value is None else number(value) + (f" ± {100 * spread:.0f}%" if spread is not None else ""))
        lines.append(f"| {workload} | " + " | ".join(cells) + " |")
    return lines


def write(folder, results, goals, facts):
    os.makedirs(folder, exist_ok=True)
    lines = ["# Measured by build/bench.sh", ""] + [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", "Medians over interleaved rounds; ± is half of the range. Ratios are medians of the ratios within one round. CPU time is the",
              "server's own per request: other load on the machine disturbs it less than the rate.", "", "## Goals", ""] + goal_table(goals)
    for measure, title in (("rate", "Requests per second"), ("p99", "99th percentile, ms"), ("cpu", "CPU time of the server per request, µs"),
                           ("ms", "Time of one request, ms"), ("kb", "Disk, KB"), ("seconds", "Start-up, s"), ("peak", "Largest resident memory, MB"),
                           ("hits", "Share of hits"), ("fwd", "Answers that the core computed"), ("quiet", "Calls to the core per hit, quiet"),
                           ("uploading", "Calls to the core per hit, while uploading"), ("recycling", "Calls to the core per hit, while recycling")):
        lines += measure_table(results, measure, title)
    failed = results.errors()
    lines += ["", "Failed requests: " + ("; ".join(f"{k}: {v}" for k, v in failed.items()) if failed else "none") + "."]
    text = "\n".join(lines) + "\n"
    with open(os.path.join(folder, "table.md"), "w") as f:
        f.write(text)
    with open(os.path.join(folder, "results.json"), "w") as f:
        json.dump({"facts": facts, "goals": [dict(zip(("workload", "what", "measured", "goal", "met"), g)) for g in goals],
                   "samples": results.samples}, f, indent=1)
    with open(os.path.join(folder, "results.csv"), "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["workload", "server", "measure", "median", "smallest", "largest", "rounds"])
        writer.writerows(results.rows())
    return text
