"""What was measured: samples of a workload on a server, and what they come to."""
import statistics


class Results:
    def __init__(self):
        self.samples = {}  # workload -> server -> [ {measure: value} ]

    def add(self, workload, server, **values):
        self.samples.setdefault(workload, {}).setdefault(server, []).append(values)

    def values(self, workload, server, measure):
        return [s[measure] for s in self.samples.get(workload, {}).get(server, []) if s.get(measure) is not None]

    def median(self, workload, server, measure):
        values = self.values(workload, server, measure)
        return statistics.median(values) if values else None

    def spread(self, workload, server, measure):
        """Half of (largest - smallest) over the median."""
        values = self.values(workload, server, measure)
        middle = statistics.median(values) if values else 0
        return (max(values) - min(values)) / 2 / middle if middle else None

    def ratio(self, workload, server, other, measure, inverse=False):
        """Median over the rounds of the ratio within one round: what disturbs a whole round falls out."""
        pairs = zip(self.values(workload, server, measure), self.values(workload, other, measure))
        ratios = [(b / a if inverse else a / b) for a, b in pairs if a and b]
        return statistics.median(ratios) if ratios else None

    def errors(self):
        return {f"{w} / {s}": sum(x.get("errors") or 0 for x in samples)
                for w, servers in self.samples.items() for s, samples in servers.items()
                if any(x.get("errors") for x in samples)}

    def rows(self):
        for workload, servers in self.samples.items():
            for server, samples in servers.items():
                measures = sorted({name for sample in samples for name in sample})
                for measure in measures:
                    values = self.values(workload, server, measure)
                    if values and all(isinstance(v, (int, float)) for v in values):
                        yield workload, server, measure, statistics.median(values), min(values), max(values), len(values)
