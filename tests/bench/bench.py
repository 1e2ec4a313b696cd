"""What all rows share: starting contenders, interleaved rounds, results."""

import contextlib
import sys
import time

import daemon as daemons
import figures
import peers
from daemon import Broken

class Bench:
    def __init__(self, quick=False, rounds=None):
        self.quick = quick
        self.rounds = rounds or (2 if quick else 5)
        self.slice = 0.15 if quick else 0.5
        self.rows = []
        self.notes = []
        self.row = 0

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def note(self, text):
        self.say(text)
        self.notes.append(f"row {self.row}: {text}" if self.row else text)

    def choose(self, full, quick):
        """Peers of this row, without those that are not there."""
        wanted = quick if self.quick else full
        for peer in wanted:
            if not peers.exists(peer):
                self.note(f"without {peer.__name__}, which is not there")
        return [peer for peer in wanted if peers.exists(peer)]

    @contextlib.contextmanager
    def field(self):
        """A place for daemons: they are gone afterwards."""
        field = Field(self)
        try:
            yield field
        finally:
            field.clear()

    def add(self, what, unit, ours, other="", theirs=None, ratio=None,
            goal=None, note="", **more):
        """A line of the table.  A goal is about the ratio if there is one,
        else about our own median."""
        value = ratio if ratio is not None else ours
        self.rows.append({
            "row": self.row, "what": what, "unit": unit,
            "superd": ours.as_dict(), "other": other,
            "theirs": theirs.as_dict() if theirs else None,
            "ratio": ratio.as_dict() if ratio else None,
            "goal": list(goal) if goal else None,
            "reached": figures.reached(goal, value.median) if goal else None,
            "note": note, **more})

    def against(self, what, unit, field, metric, goals, quality=()):
        """superd's rounds against each other contender's."""
        ours = field.series("superd", metric)
        for name in field.results:
            if name == "superd":
                continue
            theirs = field.series(name, metric)
            ratio = figures.ratio(ours, theirs)
            if not ratio:
                self.note(f"{name} gave no answers")
                continue
            self.add(what, unit, figures.Figure(ours), name,
                     figures.Figure(theirs), ratio, goals.get(name),
                     **field.quality(("superd", name), quality))


class Field:
    """The contenders of one row, and what their rounds gave."""

    def __init__(self, bench):
        self.bench = bench
        self.running = {}
        self.results = {}

    def start(self, peer, services, name=None, **more):
        """None where it does not work: that is said, and the row goes on."""
        try:
            daemon = peer(services, **more)
        except Broken as why:
            if peer is peers.superd or "floor" in peer.__name__:
                raise
            self.bench.note(str(why))
            return None
        self.running[name or daemon.name] = daemon
        return daemon

    def clear(self):
        for daemon in self.running.values():
            daemon.stop()
        self.running = {}

    def compare(self, measure):
        """ABC CBA in each round; measure(daemon, seconds) is one slice."""
        for daemon in self.running.values():
            measure(daemon, 0.05)
        for _ in range(self.bench.rounds):
            slices = {name: [] for name in self.running}
            order = list(self.running)
            for name in order + order[::-1]:
                slices[name].append(measure(self.running[name],
                                            self.bench.slice))
            for name, pieces in slices.items():
                self.results.setdefault(name, []).append(
                    figures.merged(pieces))
        return self

    def load(self, mode, port, clients, size=0):
        def measure(daemon, seconds):
            return daemons.load(daemon, mode, port, clients, seconds, size)
        return self.compare(measure)

    def series(self, name, metric):
        return [round[metric] for round in self.results[name]]

    def lost(self, name):
        return sum(self.series(name, "lost"))

    def quality(self, names, wanted):
        return {f"{metric}_{name}": figures.Figure(
            self.series(name, metric)).as_dict()
            for metric in wanted for name in names}


def value(number):
    """One measurement that has no rounds."""
    return figures.Figure([number])


def run_row(bench, number, function):
    start = time.monotonic()
    bench.row = number
    bench.say(f"row {number}: {function.__doc__.splitlines()[0]}")
    try:
        function(bench)
    except (Broken, OSError) as why:
        bench.note(f"not measured: {why}")
        return False
    bench.say(f"row {number}: {time.monotonic() - start:.1f} s")
    return True
