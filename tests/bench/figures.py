"""Medians, spreads and ratios of rounds; and whether a goal is reached."""

import statistics


def number(value):
    """Three digits are what a noisy machine can give."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Figure:
    """What the rounds of one run gave: median and spread."""

    def __init__(self, values):
        self.values = [value for value in values if value is not None]

    def __bool__(self):
        return bool(self.values)

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def low(self):
        return min(self.values)

    @property
    def high(self):
        return max(self.values)

    def as_dict(self):
        return {"median": self.median, "min": self.low, "max": self.high,
                "rounds": self.values}


def ratio(ours, theirs):
    """Round by round: only what was measured together is compared."""
    return Figure([a / b for a, b in zip(ours, theirs) if b])


def reached(goal, value):
    """A goal is ("<=", 1.10), (">=", 3), ("<", 4) or ("=", 0)."""
    sign, limit = goal
    return {"<=": value <= limit, ">=": value >= limit,
            "<": value < limit, "=": value == limit}[sign]


def merged(slices):
    """The slices of one contender in one round as one measurement."""
    total = {}
    for name in ("done", "empty", "refused", "reset", "timeout", "error",
                 "bytes", "seconds", "cpu_us"):
        total[name] = sum(piece[name] for piece in slices)
    for name in ("p50_us", "p99_us"):
        if name in slices[0]:
            total[name] = statistics.median(piece[name] for piece in slices)
    total["rate"] = total["done"] / total["seconds"]
    total["megabytes"] = total["bytes"] / total["seconds"] / 1e6
    total["cpu_each"] = total["cpu_us"] / total["done"] \
        if total["done"] else None
    total["per_cpu"] = 1e6 / total["cpu_each"] if total["cpu_each"] else 0
    total["lost"] = total["empty"] + total["refused"] + total["reset"] + \
        total["timeout"] + total["error"]
    return total


def selftest():
    figure = Figure([3, 1, 2])
    assert (figure.median, figure.low, figure.high) == (2, 1, 3)
    assert ratio([2, 4], [1, 8]).values == [2, 0.5]
    assert ratio([2, 4], [0, 8]).values == [0.5]
    assert not Figure([None])
    assert reached(("<=", 1.1), 1.1) and not reached(("<", 4), 4)
    assert reached(("=", 0), 0) and not reached((">=", 3), 2.9)
    piece = {"done": 10, "empty": 0, "refused": 1, "reset": 0, "timeout": 0,
             "error": 0, "bytes": 2e6, "seconds": 0.5, "cpu_us": 100.0,
             "p50_us": 3, "p99_us": 9}
    both = merged([piece, {**piece, "p99_us": 11}])
    assert both["rate"] == 20 and both["cpu_each"] == 10
    assert both["p99_us"] == 10 and both["lost"] == 2
    assert both["megabytes"] == 4
