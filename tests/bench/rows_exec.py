"""Rows 1 to 4: a program for each connection."""

import calls
import peers
import place
from bench import value
from figures import Figure, ratio

PORT = 5000
CLIENTS = 16


def hello(bench):
    """nowait, a small static server, 16 clients"""
    with bench.field() as field:
        for peer in bench.choose(
                [peers.superd, peers.floor_exec, peers.floor_session,
                 peers.xinetd, peers.openbsd_inetd, peers.busybox,
                 peers.tcpserver],
                [peers.superd, peers.floor_exec, peers.xinetd]):
            field.start(peer, [("hello", PORT)])
        field.load("connect", PORT, CLIENTS)
        bench.against("exec of a static server, 16 clients: CPU a connection",
                      "us", field, "cpu_each",
                      {"floor": ("<=", 1.10), "xinetd": ("<=", 0.6),
                       "busybox": ("<=", 0.97)},
                      ("rate", "p99_us"))


def system_calls(bench):
    """system calls from accept to exec"""
    for peer in bench.choose(
            [peers.superd, peers.floor_exec, peers.xinetd,
             peers.openbsd_inetd, peers.busybox, peers.tcpserver],
            [peers.superd]):
        with bench.field() as field:
            trace = calls.trace(field, peer, PORT)
        if trace is None:
            bench.note("no strace, or it gave nothing")
            return
        name = peer.__name__.replace("_", "-").replace("floor-exec", "floor")
        if peer is peers.superd:
            ours = trace
            bench.add("system calls from accept to exec", "", value(
                ours["start"]), goal=("<=", 20), calls=ours["start_calls"])
            bench.add("system calls of a whole connection", "", value(
                ours["whole"]), calls=ours["whole_calls"])
            continue
        for what, key in (("system calls from accept to exec", "start"),
                          ("system calls of a whole connection", "whole")):
            bench.add(what, "", value(ours[key]), name, value(trace[key]),
                      ratio([ours[key]], [trace[key]]),
                      calls=trace[key + "_calls"])


def pair(bench, field, what, name, goal):
    """The busy service of many against the same one of few."""
    for text, unit, metric in (("connections", "/s", "rate"),
                               ("CPU a connection", "us", "cpu_each")):
        here, there = (field.series(which, metric)
                       for which in ("many", "few"))
        bench.add(f"{what}: {text}", unit, Figure(here), name, Figure(there),
                  ratio(here, there), goal if unit == "/s" else None)


def many_services(bench):
    """10,000 services, the last one busy"""
    count = place.services_possible(10000)
    many = [("hello", 10000 + i) for i in range(count)]
    few = many[-10:]
    if count < 10000:
        bench.note(f"{count} services: descriptors allow no more")
    for peer in bench.choose([peers.superd, peers.xinetd,
                              peers.openbsd_inetd], [peers.superd]):
        with bench.field() as field:
            if not field.start(peer, few, "few") or \
                    not field.start(peer, many, "many"):
                continue
            field.load("connect", many[-1][1], CLIENTS)
            ours = peer is peers.superd
            name = peer.__name__.replace("_", "-")
            pair(bench, field, f"{name}, last of {count:,} services",
                 f"{name}, 10 services", (">=", 0.85) if ours else None)


def large_daemon(bench):
    """the daemon has 100 MiB of touched memory"""
    for peer in bench.choose([peers.superd, peers.xinetd], [peers.superd]):
        with bench.field() as field:
            field.start(peer, [("hello", PORT)], "small")
            field.start(peer, [("hello", PORT)], "large",
                        preload=place.BENCH / "ballast.so")
            if len(field.running) < 2:
                continue
            touched = field.running["large"].pss_kib() // 1024
            field.load("connect", PORT, CLIENTS)
            small = field.series("small", "cpu_each")
            large = field.series("large", "cpu_each")
            name = peer.__name__
            bench.add(f"{name} of {touched} MiB: CPU a connection", "us",
                      Figure(large), f"{name} without", Figure(small),
                      ratio(large, small),
                      ("<=", 1.10) if peer is peers.superd else None)
