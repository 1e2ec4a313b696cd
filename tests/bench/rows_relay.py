"""Rows 10, 11 and 17: redirected connections, rules of access, proxies."""

import subprocess

import daemon as daemons
import peers
import place
from figures import Figure, ratio

HELLO = 5000
SMALL, BULK, FRONT, FRONT_BULK, DAYTIME = 6000, 6001, 6002, 6003, 13
BACKEND = "192.0.2.254"
PREFIXES = 10000


def redirect(bench):
    """redirect: connections and bytes a second"""
    backend = subprocess.Popen([str(place.BENCH / "backend"), BACKEND,
                                str(SMALL), str(BULK)])
    try:
        with bench.field() as field:
            redirect_field(bench, field)
    finally:
        backend.kill()
        backend.wait()


def redirect_field(bench, field):
    small = ("redirect", FRONT, SMALL, BACKEND)
    bulk = ("redirect", FRONT_BULK, BULK, BACKEND)
    for peer in bench.choose(
            [peers.superd, peers.haproxy, peers.xinetd],
            [peers.superd, peers.haproxy]):
        field.start(peer, [small, bulk])
    if not bench.quick and peers.exists(peers.socat):
        field.start(peers.socat, [small])
    field.load("connect", FRONT, 16)
    bench.against("redirect, 16 clients: connections", "/s", field, "rate",
                  {"haproxy": (">=", 1.05)}, ("cpu_each",))
    bench.against("redirect, 16 clients: CPU a connection", "us", field,
                  "cpu_each", {"haproxy": ("<=", 0.95)})
    if "socat" in field.running:
        field.running.pop("socat").stop()
        field.start(peers.socat, [bulk])
    field.results = {}
    field.load("bulk", FRONT_BULK, 1)
    bench.against("redirect, one connection: bytes", "MB/s", field,
                  "megabytes", {"haproxy": (">=", 1.4)})


def prefixes():
    """None that holds the clients, but the last one."""
    return [f"10.{i >> 7 & 255}.{i * 2 & 255}.0/25"
            for i in range(PREFIXES - 1)] + ["198.51.100.0/24"]


def access(bench):
    """10,000 prefixes of access, the last one matches"""
    for peer in bench.choose([peers.superd, peers.xinetd], [peers.superd]):
        with bench.field() as field:
            free = field.start(peer, [("daytime",)], "free")
            listed = field.start(peer, [("daytime",)], "listed",
                                 prefixes=prefixes())
            if not free or not listed:
                continue
            field.load("connect", DAYTIME, 16)
            name, goal = peer.__name__, ("<=", 1.05)
            for what, unit, metric in (("CPU a connection", "us", "cpu_each"),
                                       ("connections", "/s", "rate")):
                ours, without = (field.series(name, metric)
                                 for name in ("listed", "free"))
                bench.add(f"{name}, {PREFIXES:,} prefixes, daytime: {what}",
                          unit, Figure(ours), f"{name} without",
                          Figure(without), ratio(ours, without), goal if
                          peer is peers.superd and unit == "us" else None)


def proxied(bench):
    """the header of a proxy, before a program and before daytime"""
    for service, port in ((("hello", HELLO), HELLO),
                          (("daytime",), DAYTIME)):
        with bench.field() as field:
            behind = field.start(peers.superd, [service], "behind",
                                 proxied=True)
            field.start(peers.superd, [service], "superd", blocks=True)

            def measure(one, seconds, behind=behind, port=port):
                mode = "proxied" if one is behind else "connect"
                return daemons.load(one, mode, port, 16, seconds)

            field.compare(measure)
            ours, without = (field.series(name, "cpu_each")
                             for name in ("behind", "superd"))
            bench.add(f"PROXY protocol, {service[0]}: CPU more a connection",
                      "us", Figure([ours - without for ours, without in
                                    zip(ours, without)]),
                      goal=("<=", 15))
