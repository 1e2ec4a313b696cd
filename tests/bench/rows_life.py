"""Rows 12 to 15, and 20: being idle, starting, reloading, upgrading."""

import itertools
import os
import socket
import subprocess
import threading
import time

import daemon as daemons
import peers
import place
from bench import value
from daemon import Broken
from figures import Figure, merged, ratio

TEN = [("hello", 5000 + i) for i in range(10)]
HANGUP_EVERY = 0.1


def idle(bench):
    """idle, with 10 services"""
    seconds = 1 if bench.quick else 5
    ours = None
    for peer in bench.choose(
            [peers.superd, peers.xinetd, peers.openbsd_inetd, peers.busybox],
            [peers.superd]):
        with bench.field() as field:
            daemon = field.start(peer, TEN)
            if daemon is None:
                continue
            daemon.cpu_at_rest()
            pss, before = daemon.pss_kib() / 1024, daemon.switches()
            if ours is not None:
                bench.add("idle with 10 services: PSS", "MiB", value(ours),
                          daemon.name, value(pss), ratio([ours], [pss]))
                continue
            ours = pss
            time.sleep(seconds)
            wakeups = daemon.switches() - before
            bench.add("idle with 10 services: PSS", "MiB", value(pss),
                      goal=("<", 1.5))
            bench.add(f"idle: wakeups in {seconds} s", "", value(wakeups),
                      goal=("=", 0))


# Starting and reloading.

def start_time(field, peer, services, **more):
    """Seconds until the last service answers, those of CPU, the daemon."""
    number, address = daemons.free_address()
    daemons.numbers = iter_again(number, daemons.numbers)
    waiting = daemons.load_start("await", address, services[-1][1], 1, 30)
    waiting.stdout.readline()
    daemon = field.start(peer, services, wait=False, **more)
    at = daemons.load_figures(waiting, 30)["at"]
    if daemon is None or not at:
        raise Broken("the last service does not answer")
    return at - daemon.started, daemon.cpu_us() / 1e6, daemon


def iter_again(number, rest):
    """The number that was looked at is given out once more."""
    yield number
    yield from rest


def reload_cpu(daemon):
    """CPU seconds of a reload of unchanged files."""
    before = daemon.cpu_at_rest()
    daemon.reload()
    time.sleep(0.05)
    return (daemon.cpu_at_rest() - before) / 1e6


def longest_wait(daemon):
    """Seconds that a client of the loop's own echo waited at most, while a
    reload of unchanged files was under way."""
    done = daemon.log.read_text().count("reload: ")
    longest, end = 0, time.monotonic() + daemons.PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(daemons.PATIENCE)
        asking.connect((daemon.address, 7))
        asking.send(b"x")
        asking.recv(1)
        daemon.reload()
        while daemon.log.read_text().count("reload: ") == done:
            if time.monotonic() > end:
                raise Broken("superd did not reload")
            until = time.monotonic() + 0.02
            while (asked := time.monotonic()) < until:
                asking.send(b"x")
                asking.recv(1)
                longest = max(longest, time.monotonic() - asked)
    return longest


def start_and_wait(bench, services, rounds):
    """superd's start, its memory, and the wait of others in a reload."""
    starts, sizes, waits = [], [], []
    for _ in range(rounds):
        with bench.field() as field:
            seconds, _, daemon = start_time(field, peers.superd, services)
            daemon.cpu_at_rest()
            starts.append(seconds)
            sizes.append(daemon.pss_kib() / 1024)
            waits.append(longest_wait(daemon) * 1000)
    return Figure(starts), Figure(sizes), Figure(waits)


def many(bench, wanted, goals):
    """The same for so many services, if there are descriptors for them."""
    count = place.services_possible(wanted)
    services = [("udpecho",)] + [("hello", 10000 + i)
                                 for i in range(count - 1)]
    figures = start_and_wait(bench, services,
                             min(bench.rounds, 1 if bench.quick else 3))
    what = f"{count:,} services"
    for text, unit, figure, goal in zip(
            ("start, with a UDP echo", "PSS",
             "unchanged reload, longest wait of others"),
            ("s", "MiB", "ms"), figures, goals):
        bench.add(f"{what}: {text}", unit, figure,
                  goal=goal if count == wanted else None)


def start_and_reload(bench, peer, services, rounds, **more):
    starts, costs, reloads = [], [], []
    for _ in range(rounds):
        with bench.field() as field:
            seconds, cpu, daemon = start_time(field, peer, services, **more)
            starts.append(seconds)
            costs.append(cpu)
            reloads.append(reload_cpu(daemon))
    return Figure(starts), Figure(costs), Figure(reloads)


TIMES = ("start until the last answers", "start, CPU",
         "unchanged reload, CPU")


def add_all(bench, what, figures, goals):
    for text, figure, goal in zip(TIMES, figures, goals):
        bench.add(f"{what}: {text}", "s", figure, goal=goal)


def ten_thousand(bench):
    """10,000 services: start, and a reload that changes nothing"""
    count = place.services_possible(10000)
    services = [("hello", 10000 + i) for i in range(count)]
    rounds = min(bench.rounds, 1 if bench.quick else 3)
    ours = start_and_reload(bench, peers.superd, services, rounds)
    add_all(bench, f"{count:,} services", ours,
            (("<", 0.20), None, ("<", 0.10)))
    add_all(bench, f"{count:,} services in a superd.conf", start_and_reload(
        bench, peers.superd, services, rounds, blocks=True),
            (("<", 1), None, ("<", 0.2)))
    for peer in bench.choose([peers.xinetd, peers.openbsd_inetd], []):
        try:
            theirs = start_and_reload(bench, peer, services, rounds)
        except Broken as why:
            bench.note(f"{peer.__name__}: {why}")
            continue
        name = peer.__name__.replace("_", "-")
        for text, mine, other in zip(TIMES, ours, theirs):
            bench.add(f"{count:,} services: {text}", "s", mine, name, other,
                      ratio(mine.values, other.values))


def many_thousand(bench):
    """10,000 and 19,000 services: memory, and who waits for a reload"""
    many(bench, 10000, (("<", 0.15), ("<", 14), ("<", 5)))
    if not bench.quick:
        many(bench, 19000, (("<", 0.28), ("<", 26), None))


class Hangups(threading.Thread):
    """SIGHUP every so often, until stopped."""

    def __init__(self, daemon):
        super().__init__()
        self.served = daemon
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(HANGUP_EVERY):
            self.served.reload()

    def stop(self):
        self.ended.set()
        self.join()


def measure(daemon, port, seconds, hangups):
    thread = Hangups(daemon) if hangups else None
    try:
        return daemons.load(daemon, "connect", port, 16, seconds)
    finally:
        if thread:
            thread.stop()


def under_load(bench, what, services, port):
    """Slices with and without reloads in turn; five seconds of each."""
    rounds = {"quiet": [], "reloading": []}
    with bench.field() as field:
        daemon = field.start(peers.superd, services)
        measure(daemon, port, 0.1, False)
        for _ in range(bench.rounds):
            for name in rounds:
                rounds[name].append(merged([measure(
                    daemon, port, 1, name == "reloading")]))
        reloads = daemon.log.read_text().count("reload: ")
    if not reloads:
        raise Broken("superd did not reload")
    quiet, reloading = ([each["p99_us"] for each in rounds[name]]
                        for name in ("quiet", "reloading"))
    lost = {key: sum(each[key] for each in rounds["reloading"])
            for key in ("refused", "reset", "empty", "timeout", "error")}
    done = int(sum(each["done"] for each in rounds["reloading"]))
    bench.add(f"SIGHUP every 100 ms, {what}: lost of {done:,}", "",
              value(sum(lost.values())), goal=("=", 0), lost=lost,
              reloads=reloads)
    bench.add(f"SIGHUP every 100 ms, {what}: p99", "us", Figure(reloading),
              "superd, quiet", Figure(quiet), ratio(reloading, quiet),
              ("<=", 1.05))


def hangups(bench):
    """SIGHUP every 100 ms under load"""
    under_load(bench, "exec", TEN, TEN[-1][1])
    if not bench.quick:
        under_load(bench, "daytime", [*TEN, ("daytime",)], 13)


# Upgrading.

def control_of(daemon):
    argv = daemon.process.args
    return argv[argv.index("--control") + 1]


def longest(daemon, services, around):
    """Milliseconds that the slowest of one client's connections took to be
    answered while around() ran."""
    stop, took, lost = threading.Event(), [0], []

    def ask():
        for n in itertools.count():
            if stop.is_set():
                return
            began = time.monotonic()
            port = services[n * 37 % len(services)][1]
            try:
                with socket.create_connection((daemon.address, port), 30) as s:
                    if not s.recv(1):
                        lost.append(f"no answer from {port}, number {n}")
            except OSError as error:
                lost.append(str(error))
                return
            took.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        around()
        time.sleep(0.1)
    finally:
        stop.set()
        asking.join()
    if lost:
        raise Broken(f"a client was lost: {lost[0]}")
    return max(took) * 1000


def upgrades(bench):
    """superctl upgrade, with 1,000 services"""
    services = [("hello", 5000 + i) for i in range(1000)]
    with bench.field() as field:
        daemon = field.start(peers.superd, services)
        if daemon is None:
            return
        argv = [os.path.join(os.path.dirname(place.SUPERD), "superctl"),
                "-s", control_of(daemon), "upgrade"]

        def upgrade():
            subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

        figure = Figure([longest(daemon, services, upgrade)
                         for _ in range(3 if bench.quick else 20)])
        bench.add("upgrade with 1,000 services: a client waits", "ms", figure,
                  goal=("<", 50))


def version(program):
    """The first line that a program says about itself."""
    done = subprocess.run([program, "-V"], capture_output=True, text=True,
                          check=False)
    return (done.stdout + done.stderr).split("\n")[0]
