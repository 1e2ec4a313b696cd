"""Several internal processes: together they are as one, each with its
services."""

import contextlib
import os
import select
import signal
import time

import pytest
from conftest import SLOW, connect, read_all, reset, tcp, udp, wait_for

NAMES = "abcdef"
PORTS = {name: 20010 + i for i, name in enumerate(NAMES)}
UDP, OWN = 20020, 20021


def several(number, more="", names=NAMES, options=""):
    """echo on a port for each name"""
    return f"internal_processes = {number}\n{more}" + "".join(
        f"service {name} {{ internal = echo port = {PORTS[name]} {options} }}"
        "\n" for name in names)


def exchange(s, data=b"x"):
    s.sendall(data)
    assert s.recv(len(data)) == data


def is_silent(s):
    return select.select([s], [], [], 0.3)[0] == []


def titles(daemon):
    """of those that are not about to end"""
    return {one["pid"]: one["title"] for one in daemon.status()["workers"]}


def server_of(daemon, name, s):
    """the process that serves a client"""
    host, port = s.getsockname()

    def find():
        return [child["pid"] for child in daemon.service(name)["children"]
                if child["peer"] == f"{host}:{port}"]

    pid, = wait_for(find)
    return pid


def new_client(daemon, stack, name):
    """and the process that serves it"""
    s = stack.enter_context(connect(PORTS[name]))
    exchange(s)
    return s, server_of(daemon, name, s)


@contextlib.contextmanager
def one_each(daemon, names=NAMES):
    """a client of each service, and the processes that serve them"""
    with contextlib.ExitStack() as stack:
        both = {name: new_client(daemon, stack, name) for name in names}
        yield ({name: s for name, (s, _) in both.items()},
               {name: pid for name, (_, pid) in both.items()})


def seats(daemon, names=NAMES):
    """the title of who serves each"""
    with one_each(daemon, names) as (_, servers):
        known = titles(daemon)
        return {name: known[pid] for name, pid in servers.items()}


def test_services_are_spread_and_all_are_served(conf):
    daemon = conf(several(3) + "service udp { internal = echo protocol = udp "
                  f"socket_type = dgram wait = yes port = {UDP} }}\n")
    assert sorted(titles(daemon).values()) == [
        "internal-1", "internal-2", "internal-3"]
    with one_each(daemon) as (clients, servers):
        assert set(servers.values()) == set(titles(daemon))
        assert all(list(servers.values()).count(pid) == 2
                   for pid in servers.values())
        assert udp(UDP) == b"x"
        for s in clients.values():
            exchange(s, b"abc")
        assert daemon.status()["children"] == 6
        assert sum(one["connections"]
                   for one in daemon.status()["workers"]) == 6
    wait_for(lambda: daemon.status()["children"] == 0)
    for name in NAMES:
        assert daemon.service(name)["accepted"] == 1


def test_more_processes_than_services_are_not_started(conf):
    daemon = conf(several(64))
    assert len(titles(daemon)) == 6


def test_the_death_of_one_ends_only_its_connections(conf):
    daemon = conf(several(3))
    with one_each(daemon) as (clients, servers):
        dead = servers["a"]
        os.kill(dead, signal.SIGKILL)
        for name, s in clients.items():
            if servers[name] == dead:
                assert read_all(s) == b""
        start = time.monotonic()
        for name, pid in servers.items():
            if pid == dead:
                assert tcp(PORTS[name], b"abc") == b"abc"
        assert time.monotonic() - start < 1 * SLOW
        for name, s in clients.items():
            if servers[name] != dead:
                exchange(s)
        wait_for(lambda: dead not in titles(daemon))
        known = titles(daemon)
        assert len(known) == 3 and sorted(known.values()) == [
            "internal-1", "internal-2", "internal-3"]
    with one_each(daemon) as (_, after):
        for name, pid in servers.items():
            assert (after[name] == pid) == (pid != dead)


def test_one_that_dies_again_and_again_pauses_its_services_only(conf):
    daemon = conf(several(2, names="ab"))
    with one_each(daemon, "ab") as (_, servers):
        pid = servers["a"]
    seat = titles(daemon)[pid]
    for _ in range(5):
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: pid not in titles(daemon))
        assert daemon.service("b")["state"] == "listening"
        assert tcp(PORTS["a"], b"abc", timeout=5 * SLOW) == b"abc"
        pid = {title: pid for pid, title in titles(daemon).items()}[seat]
    assert servers["b"] in titles(daemon)


def test_a_service_keeps_its_process_over_reloads(conf):
    daemon = conf(several(3))
    before = titles(daemon)
    assert daemon.reload()[0] == 0
    assert titles(daemon) == before
    at = seats(daemon)
    assert daemon.reload(several(3, names="abcde"))[0] == 0
    assert seats(daemon, "abcde") == {name: at[name] for name in "abcde"}
    # and a new one takes the place that is free
    assert daemon.reload(several(3))[0] == 0
    assert seats(daemon) == at


def test_a_reload_changes_how_many_there_are(conf):
    """up and down, and connections live on"""
    daemon = conf(several(3))
    with one_each(daemon) as (clients, servers):
        for number in (1, 5, 2, 3):
            assert daemon.reload(several(number))[0] == 0
            with one_each(daemon) as (_, now):
                assert len(set(now.values())) == number
                assert not set(now.values()) & set(servers.values())
            for s in clients.values():
                exchange(s)
        wait_for(lambda: daemon.status()["children"] == 6)
    wait_for(lambda: len(titles(daemon)) == 3)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert "error" not in daemon.read_log()


def test_all_are_bounded_together(conf):
    """whoever waits is served when a client of another process goes"""
    daemon = conf(several(3, "max_connections = 6\n", "abc",
                          "per_source = unlimited"))
    with one_each(daemon, "abc") as (clients, servers), \
            one_each(daemon, "abc"), contextlib.ExitStack() as stack:
        assert len(set(servers.values())) == 3
        for name in "bc":
            more = stack.enter_context(connect(PORTS["a"]))
            more.sendall(b"x")
            assert is_silent(more)
            wait_for(lambda: daemon.service("a")["paused"] ==
                     "max_connections")
            reset(clients[name])
            assert more.recv(1) == b"x"
            wait_for(lambda: daemon.status()["children"] == 6)
            again = stack.enter_context(connect(PORTS[name]))
            again.sendall(b"x")
            assert is_silent(again)
            reset(more)
            assert again.recv(1) == b"x"
        wait_for(lambda: daemon.status()["children"] == 6)


def test_no_flood_exceeds_what_all_may_have(conf):
    """also where it comes to all of them at once"""
    daemon = conf(several(3, "max_connections = 8\n",
                          options="per_source = unlimited"))
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(connect(PORTS[name]))
                   for _ in range(10) for name in NAMES]
        for s in waiting:
            s.sendall(b"x")
        served = 0
        while waiting:
            wait_for(lambda: select.select(waiting, [], [], 0)[0])
            time.sleep(0.05)
            ready = select.select(waiting, [], [], 0)[0]
            assert 0 < len(ready) <= 8
            for s in ready:
                assert s.recv(10) == b"x"
                waiting.remove(s)
                served += 1
            for s in ready:
                reset(s)
        assert served == 60
    wait_for(lambda: daemon.status()["children"] == 0)


def test_the_dead_give_back_their_places(conf):
    daemon = conf(several(2, "max_connections = 4\n", names="ab",
                          options="per_source = unlimited"))
    with one_each(daemon, "ab") as (clients, servers), \
            one_each(daemon, "ab") as (others, _), \
            connect(PORTS["b"]) as more:
        more.sendall(b"x")
        assert is_silent(more)
        os.kill(servers["a"], signal.SIGKILL)
        assert more.recv(1) == b"x"
        exchange(clients["b"])
        exchange(others["b"])


def is_let_in(daemon, name, s):
    """or else it waits"""
    def decided():
        service = daemon.service(name)
        return select.select([s], [], [], 0)[0] != [] or \
            service["waiting"] or service["paused"]

    wait_for(decided)
    return select.select([s], [], [], 0)[0] != []


def shares(daemon):
    """how many connections one client gets of each service, in turn"""
    with contextlib.ExitStack() as stack:
        got = []
        for name in NAMES[:3]:
            count = 0
            while True:
                s = stack.enter_context(connect(PORTS[name],
                                                source=("127.0.0.66", 0)))
                s.sendall(b"x")
                if not is_let_in(daemon, name, s):
                    break
                count += 1
            got.append(count)
        # others are served still
        with connect(PORTS["f"], source=("127.0.0.7", 0)) as s:
            exchange(s)
    wait_for(lambda: daemon.status()["children"] == 0)
    return got


def test_a_client_has_the_same_share_of_all_as_of_one(conf):
    daemon = conf(several(1, "max_connections = 40\n"))
    one = shares(daemon)
    assert daemon.reload(several(3, "max_connections = 40\n"))[0] == 0
    assert shares(daemon) == one and 0 < sum(one) < 40


@pytest.mark.parametrize("option", ["instances = 2", "per_source = 2"])
def test_limits_count_the_connections_of_a_process_before(conf, option):
    """which goes on with what it has"""
    daemon = conf(several(1, options=option))
    with connect(PORTS["a"]) as first, connect(PORTS["a"]) as second:
        exchange(first)
        exchange(second)
        assert daemon.reload(several(3, options=option))[0] == 0
        with connect(PORTS["a"]) as third:
            if option.startswith("per_source"):
                assert read_all(third) == b""
            else:
                third.sendall(b"x")
                assert is_silent(third)
                reset(first)
                assert third.recv(1) == b"x"
        exchange(second)
    wait_for(lambda: daemon.status()["children"] == 0)


def own(number, names, option="process = own"):
    return several(number, names=names) + (
        f"service big {{ internal = discard port = {OWN} {option} }}\n")


def test_a_service_may_have_a_process_of_its_own(conf):
    daemon = conf(own(1, "abc"))
    assert sorted(titles(daemon).values()) == ["internal", "internal-big"]
    with one_each(daemon, "abc") as (clients, servers), connect(OWN) as s:
        s.sendall(b"abc")
        pid = server_of(daemon, "big", s)
        assert titles(daemon)[pid] == "internal-big"
        assert len(set(servers.values())) == 1
        assert pid not in servers.values()
        os.kill(pid, signal.SIGKILL)
        assert read_all(s) == b""
        daemon.wait_log(rf"error internal-big pid={pid} signal=9: 1 conn")
        for client in clients.values():
            exchange(client)
    with connect(OWN) as s:
        s.sendall(b"abc")
        before = server_of(daemon, "big", s)
        # it shares one with others, and has its own again
        assert daemon.reload(own(1, "abc", ""))[0] == 0
        with connect(OWN) as t, one_each(daemon, "a") as (_, servers):
            t.sendall(b"abc")
            assert server_of(daemon, "big", t) == servers["a"]
            assert server_of(daemon, "big", s) == before
        s.sendall(b"more")
    wait_for(lambda: list(titles(daemon).values()) == ["internal"])
    assert daemon.reload(own(1, "abc"))[0] == 0
    assert sorted(titles(daemon).values()) == ["internal", "internal-big"]


def test_a_program_has_a_process_of_its_own_anyway(conf):
    daemon = conf(several(1, names="a"))
    code, text = daemon.reload(several(1, names="a") + (
        f"service x {{ server = /bin/cat user = nobody port = {OWN} "
        "process = own }\n"))
    assert "process = own is available only for internal and redirected " \
        "services" in text + daemon.read_log()
    assert code != 0 or daemon.service("x") is None
    assert tcp(PORTS["a"], b"abc") == b"abc"


def test_all_end_with_their_last_connection(conf):
    daemon = conf(own(3, NAMES))
    with one_each(daemon) as (clients, servers):
        daemon.stop()
        for s in clients.values():
            exchange(s)
        assert all(os.path.exists(f"/proc/{pid}")
                   for pid in servers.values())
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}")
                             for pid in servers.values()))
