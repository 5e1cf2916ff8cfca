"""The goals of "As fast as the SDK allows", each with how it is computed from the results."""


def at_least(goal):
    return f">= {goal}", lambda value: value >= goal


def at_most(goal, text=None):
    return text or f"<= {goal}", lambda value: value <= goal


def goals(r, memory_size):
    """Rows of (workload, what is divided, value or None, goal as text, met or None)."""

    def row(workload, what, value, goal):
        text, is_met = goal
        return workload, what, value, text, None if value is None else is_met(value)

    def rate(workload, other="limit", server="ours"):
        return r.ratio(workload, server, other, "rate")

    yield row("hit small, 8 connections", "rate / limit", rate("hit small, 8 connections"), at_least(0.85))
    yield row("hit small, 8 connections", "limit's CPU time / ours", r.ratio("hit small, 8 connections", "ours", "limit", "cpu", inverse=True), at_least(0.85))
    yield row("hit small, 8 connections", "p99 / limit's", r.ratio("hit small, 8 connections", "ours", "limit", "p99"), at_most(2))
    yield row("304, 8 connections", "rate / limit", rate("304, 8 connections"), at_least(0.85))
    yield row("304, 8 connections", "limit's CPU time / ours", r.ratio("304, 8 connections", "ours", "limit", "cpu", inverse=True), at_least(0.85))
    yield row("hit large, identity", "rate / limit", rate("hit large, identity"), at_least(0.7))
    yield row("hit large, identity", "rate / nginx", rate("hit large, identity", "nginx"), at_least(1))
    yield row("hit large, zstd", "rate / limit's frame", rate("hit large, zstd"), at_least(0.8))
    yield row("hit large, gzip", "rate / limit's gzip", rate("hit large, gzip"), at_least(0.8))
    yield row("hit large, gzip, HttpCompressionEnabled", "rate / limit's gzip", rate("hit large, gzip, HttpCompressionEnabled"), at_least(0.8))
    for workload in ("miss, instances-tags", "miss, tags of one instance"):
        yield row(workload, "time / bare Orthanc", r.ratio(workload, "ours", "bare", "ms"), at_most(1.05))
        for forwarding in ("forwarding", "forwarding, on threads"):
            yield row(workload, f"{forwarding}, in C / bare Orthanc", r.ratio(workload, forwarding, "bare", "ms"), ("-", lambda _: None))
    for server in ("ours", "forwarding", "forwarding, on threads"):
        yield row("miss, tags, 8 connections", f"{server}: rate / bare Orthanc", rate("miss, tags, 8 connections", "bare", server), ("-", lambda _: None))
    yield row("uploads", "rate / bare Orthanc", rate("uploads", "bare"), at_least(0.97))
    yield row("50 clients, one cold key", "calls to the core", r.median("50 clients, one cold key", "ours", "fwd"), at_most(1))
    counts = sorted((int(w.split()[0].replace(",", "")), w) for w in r.samples if w.endswith(" distinct keys"))
    rates = [r.median(w, "ours", "rate") for _, w in counts]
    spread = min(rates) / max(rates) if len(rates) > 1 and all(rates) else None
    yield row(f"{counts[0][0]:,} to {counts[-1][0]:,} entries" if counts else "entries", "slowest / fastest", spread, at_least(0.8))
    memory = [r.median("memory after the hits", server, "peak") for server in ("ours", "bare")]
    yield row("memory after the hits", "MB over bare Orthanc", memory[0] - memory[1] if all(memory) else None,
              at_most(memory_size * 1.048576 + 60, f"<= MemorySize + 60 = {memory_size * 1.048576 + 60:.0f}"))
    for workload in [w for w in r.samples if w.startswith("start-up")]:
        pair = [r.median(workload, server, "seconds") for server in ("ours", "bare")]
        yield row(workload, "seconds over bare Orthanc", pair[0] - pair[1] if all(pair) else None, at_most(0.2))
    yield row("calls to the core", "per hit, quiet", r.median("calls to the core", "ours", "quiet"), at_most(0))
    yield row("calls to the core", "per hit, while uploading", r.median("calls to the core", "ours", "uploading"), at_most(1))
