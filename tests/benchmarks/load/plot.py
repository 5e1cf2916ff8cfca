"""A bar chart of requests per second as SVG: one group of bars per workload, a logarithmic axis."""
import math
from xml.sax.saxutils import escape

from .report import SHOWN, number

COLOURS = {"bare": "#9aa5b1", "ours": "#1f77b4", "limit": "#2ca02c", "limit + headers": "#98df8a", "forwarding": "#2ca02c",
           "forwarding, on threads": "#98df8a",
           "nginx": "#d62728", "nginx, revalidating": "#ff9896", "python": "#e6a817"}
BAR, GAP, LEFT, WIDTH = 13, 26, 270, 620


def write(path, results):
    groups = []
    for workload, servers in results.samples.items():
        bars = [(s, results.median(workload, s, "rate"), results.values(workload, s, "rate")) for s in SHOWN if s in servers]
        bars = [bar for bar in bars if bar[1]]
        if bars:
            groups.append((workload, bars))
    if not groups:
        return
    largest = max(v for _, bars in groups for _, _, values in bars for v in values)
    smallest = min(v for _, bars in groups for _, _, values in bars for v in values if v)
    low, high = math.floor(math.log10(smallest)), math.log10(largest) + 0.05

    def x(value):
        return LEFT + WIDTH * (math.log10(max(value, 10 ** low)) - low) / (high - low)

    height = 60 + sum(GAP + BAR * len(bars) for _, bars in groups)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 110}" height="{height}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="12" y="20" font-size="14">Requests per second (logarithmic; lines: smallest to largest round)</text>']
    legend = LEFT + 180
    for name in SHOWN:
        if any(name == s for _, bars in groups for s, _, _ in bars):
            out.append(f'<rect x="{legend}" y="28" width="10" height="10" fill="{COLOURS[name]}"/><text x="{legend + 13}" y="37">{escape(name)}</text>')
            legend += 26 + 6 * len(name)
    for power in range(low, int(high) + 1):
        out.append(f'<line x1="{x(10 ** power):.1f}" x2="{x(10 ** power):.1f}" y1="46" y2="{height - 8}" stroke="#ddd"/>'
                   f'<text x="{x(10 ** power) + 2:.1f}" y="{height - 2}" fill="#777">{number(10 ** power).split(".")[0]}</text>')
    y = 50
    for workload, bars in groups:
        out.append(f'<text x="{LEFT - 8}" y="{y + BAR * len(bars) / 2 + 4:.1f}" text-anchor="end">{escape(workload)}</text>')
        for server, value, values in bars:
            middle = y + BAR / 2
            out.append(f'<rect x="{LEFT}" y="{y}" width="{x(value) - LEFT:.1f}" height="{BAR - 2}" fill="{COLOURS[server]}"/>'
                       f'<line x1="{x(min(values)):.1f}" x2="{x(max(values)):.1f}" y1="{middle - 1}" y2="{middle - 1}" stroke="black"/>'
                       f'<text x="{x(max(values)) + 5:.1f}" y="{middle + 3}">{number(value)}</text>')
            y += BAR
        y += GAP
    out.append("</svg>")
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")
