"""Rows 5 to 9: internal services, and servers of datagrams."""

import daemon as daemons
import peers
from bench import value
from daemon import Broken
from figures import Figure, ratio

ECHO, DAYTIME, WAIT = 7, 13, 5001
IDLE = 1000


def daytime(bench):
    """internal daytime, 64 clients"""
    with bench.field() as field:
        for peer in bench.choose(
                [peers.superd, peers.floor_answer, peers.openbsd_inetd,
                 peers.xinetd, peers.busybox],
                [peers.superd, peers.floor_answer, peers.xinetd]):
            services = [("hello", DAYTIME)] if peer is peers.floor_answer \
                else [("daytime",)]
            field.start(peer, services)
        field.load("connect", DAYTIME, 64)
        bench.against("internal daytime, 64 clients: CPU a connection", "us",
                      field, "cpu_each", {"floor": ("<=", 1.05)}, ("rate",))


def echo(bench):
    """internal echo over TCP: connect, 64 bytes there and back, close"""
    with bench.field() as field:
        for peer in bench.choose(
                [peers.superd, peers.busybox, peers.xinetd,
                 peers.openbsd_inetd], [peers.superd, peers.busybox]):
            field.start(peer, [("echo",)])
        # xinetd is the measure only where there is no busybox
        goals = {"busybox": (">=", 4)} if "busybox" in field.running else \
            {"xinetd": (">=", 8)}
        field.load("exchange", ECHO, 16, 64)
        bench.against("internal echo over TCP, 64 bytes, 16 clients: "
                      "exchanges", "/s", field, "rate",
                      goals, ("cpu_each",))
        bench.against("internal echo over TCP: CPU an exchange", "us", field,
                      "cpu_each", {})


def hold(daemon):
    """Memory and processes while the connections are open."""
    process = daemons.load_start("idle", daemon.address, ECHO, IDLE, 20)
    if process.stdout.readline().strip() != "ready=1":
        raise Broken("no idle connections")
    pss, processes = daemon.pss_kib(), len(daemon.group.pids())
    alive = daemons.load_figures(process, 60)["alive"]
    return pss / 1024, processes, alive


def idle_echo(bench):
    """1,000 idle echo connections: memory of all processes"""
    ours = None
    for peer in bench.choose(
            [peers.superd, peers.busybox, peers.openbsd_inetd, peers.xinetd],
            [peers.superd, peers.busybox]):
        with bench.field() as field:
            daemon = field.start(peer, [("echo",)])
            if daemon is None:
                continue
            pss, processes, alive = hold(daemon)
        if alive < IDLE:
            bench.note(f"{daemon.name}: {int(alive)} of {IDLE} answer")
        if ours is None:
            ours = pss, processes
            bench.add("1,000 idle echo connections: PSS", "MiB", value(pss),
                      goal=("<", 4))
            bench.add("1,000 idle echo connections: processes", "",
                      value(processes))
            continue
        bench.add("1,000 idle echo connections: PSS", "MiB", value(ours[0]),
                  daemon.name, value(pss), ratio([ours[0]], [pss]),
                  processes=processes)


def udp_echo(bench):
    """internal echo over UDP, 32 clients"""
    with bench.field() as field:
        for peer in bench.choose(
                [peers.superd, peers.openbsd_inetd, peers.floor_datagram,
                 peers.busybox, peers.xinetd],
                [peers.superd, peers.openbsd_inetd]):
            services = [("answer", ECHO)] if peer is peers.floor_datagram \
                else [("udpecho",)]
            field.start(peer, services)
        field.load("datagram", ECHO, 32, 64)
        # the load generator may be the slower end: what counts is how many
        # answers the server's core can give
        bench.against("internal echo over UDP, 32 clients: answers a CPU "
                      "second", "", field, "per_cpu",
                      {"openbsd-inetd": (">=", 1.3)}, ("cpu_each", "lost"))
        bench.against("internal echo over UDP, 32 clients: answers", "/s",
                      field, "rate", {})
        bench.add("internal echo over UDP: lost", "",
                  value(field.lost("superd")), goal=("=", 0))


def udp_wait(bench):
    """a wait server of datagrams that exits after each answer, 8 clients"""
    with bench.field() as field:
        for peer in bench.choose(
                [peers.superd, peers.floor_wait, peers.busybox,
                 peers.openbsd_inetd, peers.xinetd],
                [peers.superd, peers.floor_wait]):
            field.start(peer, [("answer", WAIT)])
        field.load("datagram", WAIT, 8, 64)
        bench.against("wait server over UDP, 8 clients: CPU an answer", "us",
                      field, "cpu_each", {"floor": ("<=", 1.10)},
                      ("rate", "lost"))
        ours, theirs = (field.results.get(name) for name in
                        ("superd", "busybox"))
        if theirs:
            bench.add("wait server over UDP: answers", "/s",
                      Figure(field.series("superd", "rate")), "busybox",
                      Figure(field.series("busybox", "rate")),
                      ratio([r["rate"] for r in ours],
                            [r["rate"] for r in theirs]))
        bench.add("wait server over UDP: lost", "",
                  value(field.lost("superd")), goal=("=", 0))
