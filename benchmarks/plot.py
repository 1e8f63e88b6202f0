"""A plot of the governor and other rate limiters: the share of the limit that is used, and the requests refused."""

from collections.abc import Iterable

import matplotlib.pyplot as plt

from benchmarks.table import Row

__all__ = ["draw_pace"]

MARKERS = {"none": "o", "uniform": "s", "exponential": "^", "spikes": "D"}


def draw_pace(rows: Iterable[Row], file: str) -> None:
    """Write a PNG: one colour for each limiter, one marker for each jitter; up and to the left is better."""
    figure, axes = plt.subplots(figsize=(9, 6))
    colours: dict[str, str] = {}
    for row in rows:
        if row.point is None or "sliding" not in row.benchmark:
            continue
        colour = colours.setdefault(row.subject, f"C{len(colours)}")
        jitter = next((name for name in MARKERS if row.benchmark.endswith(name)), "none")
        axes.scatter(row.point[0] + 0.5, row.point[1], color=colour, marker=MARKERS[jitter], alpha=0.8)
    for subject, colour in colours.items():
        axes.scatter([], [], color=colour, label=subject)
    for jitter, marker in MARKERS.items():
        axes.scatter([], [], color="grey", marker=marker, label=f"jitter: {jitter}")
    axes.set_xscale("log")
    axes.set_xlabel("429s in 1,000 requests, plus a half")
    axes.set_ylabel("share of 25 requests a second used, %")
    axes.set_title("A strict server that counts a sliding second")
    axes.legend(fontsize="small", loc="lower left")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=120)
