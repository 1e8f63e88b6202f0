"""A plot of the governor and other rate limiters: how long they take, and how many requests are refused."""

from collections.abc import Iterable

import matplotlib.pyplot as plt

from benchmarks.table import Row

__all__ = ["draw_pace"]

MARKERS = {"none": "o", "uniform": "s", "exponential": "^", "spikes": "D", "correlated": "v", "stalls": "P"}


def draw_pace(rows: Iterable[Row], file: str) -> None:
    """Write a PNG: one colour for each limiter, one marker for each way; down and to the left is better."""
    figure, axes = plt.subplots(figsize=(9, 6))
    colours: dict[str, str] = {}
    for row in rows:
        if row.point is None:
            continue
        colour = colours.setdefault(row.subject, f"C{len(colours)}")
        way = next(name for name in MARKERS if f", {name}," in row.benchmark)
        axes.scatter(row.point[0] + 0.5, row.point[1], color=colour, marker=MARKERS[way], alpha=0.8)
    for subject, colour in colours.items():
        axes.scatter([], [], color=colour, label=subject)
    for way, marker in MARKERS.items():
        axes.scatter([], [], color="grey", marker=marker, label=f"on the way: {way}")
    axes.set_xscale("log")
    axes.set_xlabel("429s in 1,000 requests, plus a half")
    axes.set_ylabel("wall time over the floor at 25 requests a second")
    axes.set_title("A strict server that counts a sliding second and works 50-150 ms for each answer")
    axes.legend(fontsize="small", loc="upper left")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=120)
