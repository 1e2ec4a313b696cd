"""System calls of a connection, from a trace of some."""

import collections
import re
import shutil
import time

import daemon as daemons
import place
from daemon import Broken

CONNECTIONS = 24
SKIPPED = 4         # until everything has been done once
LINE = re.compile(r"^(\d+) +(\w+)\(")
ACCEPTED = re.compile(r"accept4?\(.* = \d+$|accept4? resumed.* = \d+$")
STARTS = ("clone", "clone3", "fork", "vfork")


def trace(field, peer, port):
    """Calls of the daemon and of its children up to exec, for each
    connection: "start" from accept to exec, "whole" with what comes before
    and after in the daemon."""
    if shutil.which("strace") is None:
        return None
    output = place.WORK / "strace"
    daemon = field.start(peer, [("hello", port)], wrapper=(
        "strace", "-f", "-qq", "-s0", "-o", str(output)))
    if daemon is None:
        return None
    for _ in range(CONNECTIONS):
        process = daemons.load_start("await", daemon.address, port, 1, 5)
        if not daemons.load_figures(process, 5)["at"]:
            raise Broken(f"{daemon.name} does not answer under strace")
        time.sleep(0.03)
    field.clear()
    return count(output.read_text().splitlines())


def parse(lines):
    """(pid, call or None, whether it accepted a connection)."""
    for line in lines:
        match = LINE.match(line)
        pid = int(line.split(None, 1)[0])
        yield pid, match and match.group(2), bool(ACCEPTED.search(line))


def count(lines):
    steps = list(parse(lines))
    accepts = [i for i, step in enumerate(steps) if step[2]]
    if len(accepts) < SKIPPED + 2:
        return None
    first, last = accepts[SKIPPED], accepts[-1]
    parents = {steps[i][0] for i in accepts}
    before = {pid for pid, _, _ in steps[:first]}
    start, whole = collections.Counter(), collections.Counter()
    started, done = True, set()
    for pid, call, accepted in steps[first:last]:
        if accepted:
            # a call that was interrupted is named where it began
            started = False
            start["accept"] += 1
        if call is None or (pid in before and pid not in parents) or \
                pid in done:
            continue
        whole[call] += 1
        if pid not in parents:
            start[call] += 1
            if call == "execve":
                done.add(pid)
        elif not started and not accepted:
            start[call] += 1
            started = call in STARTS
    n = len(accepts) - SKIPPED - 1
    return {"start": round(sum(start.values()) / n, 1),
            "whole": round(sum(whole.values()) / n, 1),
            "start_calls": each(start, n), "whole_calls": each(whole, n)}


def each(counter, n):
    return {name: round(calls / n, 2) for name, calls in
            counter.most_common()}


