"""Rows 18 and 19: being told what happens, and being asked."""

import multiprocessing
import socket
import threading
import time

import daemon as daemons
import peers
import place
from bench import value
from daemon import Broken
from figures import Figure, ratio

PORT = 5000
CLIENTS = 16
METRICS = ("127.0.0.1", 9100)
TELLS = ('service "metrics" {\n\tlisten = {"%s:%d"}\n\tinternal = metrics\n}\n'
         % METRICS)
ASKS_EVERY = 1


def ask(connect, words):
    """The whole answer, and the seconds that it took."""
    start = time.monotonic()
    with connect() as asking:
        asking.settimeout(daemons.PATIENCE)
        asking.sendall(words)
        answer = b"".join(iter(lambda: asking.recv(1 << 20), b""))
    return answer, time.monotonic() - start


def page(path):
    answer, seconds = ask(lambda: socket.create_connection(METRICS),
                          f"GET {path} HTTP/1.0\r\n\r\n".encode())
    if b" 200 " not in answer.split(b"\n", 1)[0]:
        raise Broken(f"no page {path}: {answer[:80]!r}")
    return seconds


def control(daemon, words):
    def connect():
        asking = socket.socket(socket.AF_UNIX)
        asking.connect(str(daemon.control))
        return asking

    answer, seconds = ask(connect, words + b"\n")
    if not answer.startswith(b"EXIT 0\n"):
        raise Broken(f"{words!r}: {answer[:80]!r}")
    return seconds


class Scraper(threading.Thread):
    """The page of metrics every so often, until stopped."""

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(ASKS_EVERY):
            page("/metrics")

    def stop(self):
        self.ended.set()
        self.join()


def records(bench):
    """records and metrics, against a superd that tells nothing"""
    with bench.field() as field:
        told = field.start(peers.superd, [("hello", PORT)], "told",
                           blocks=True, more=TELLS,
                           options=["-l", "--log-format", "json"])
        field.start(peers.superd, [("hello", PORT)], "silent", blocks=True)

        def measure(one, seconds):
            scraper = Scraper() if one is told else None
            try:
                return daemons.load(one, "connect", PORT, CLIENTS, seconds)
            finally:
                if scraper:
                    scraper.stop()

        field.compare(measure)
        lines = told.log.read_text().count('"event":"exit"')
        ours, without = (field.series(name, "cpu_each")
                         for name in ("told", "silent"))
    if not lines:
        raise Broken("there are no records")
    bench.add("records as JSON, metrics each second: CPU a connection", "us",
              Figure(ours), "superd, silent", Figure(without),
              ratio(ours, without), ("<=", 1.02), records=lines)


def go_on(asks):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        asks()


def longest_pause(daemon, asks):
    """Milliseconds that superd kept others waiting at most, while asks() was
    under way again and again for a second, in a process of its own."""
    longest = 0
    control(daemon, b"ping")
    asking = multiprocessing.get_context("fork").Process(
        target=go_on, args=(asks,))
    asking.start()
    while asking.is_alive():
        longest = max(longest, control(daemon, b"ping"))
    asking.join()
    if asking.exitcode != 0:
        raise Broken("superd was not asked")
    return longest * 1000


def asked(bench):
    """10,000 services: metrics, list, and who waits meanwhile"""
    count = place.services_possible(10000)
    services = [("hello", 10000 + i) for i in range(count)]
    rounds = 3 if bench.quick else 7
    with bench.field() as field:
        daemon = field.start(peers.superd, services, blocks=True, more=TELLS)
        daemon.cpu_at_rest()
        page("/metrics")
        for what, asks, most in (
                ("/metrics", lambda: page("/metrics"), 50),
                ("superctl list", lambda: control(daemon, b"list"), 100),
                ("superctl list, JSON",
                 lambda: control(daemon, b"json list"), None)):
            bench.add(f"{count:,} services: {what}", "ms",
                      Figure([asks() * 1000 for _ in range(rounds)]),
                      goal=("<", most) if most else None)
        quiet = longest_pause(daemon, lambda: time.sleep(0.01))
        bench.add(f"{count:,} services: longest wait, quiet", "ms",
                  value(quiet))
        bench.add(f"{count:,} services: longest wait, /metrics again and "
                  "again", "ms", Figure([
                      longest_pause(daemon, lambda: page("/metrics"))
                      for _ in range(rounds)]), goal=("<", 2))
