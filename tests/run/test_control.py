"""The control socket and superctl."""

import contextlib
import json
import os
import socket
import time

from conftest import SLOW, connect, probe, tcp, udp, wait_for

CONF = (f"20001 stream tcp nowait nobody {probe('hold')} hold\n"
        "20013 stream tcp nowait root internal daytime\n")


def test_ping(superd):
    daemon = superd(CONF)
    assert daemon.ctl("ping") == (0, f"superd 0.1.0 pid {daemon.pid}\n")
    assert json.loads(daemon.ctl("--json", "ping")[1]) == {"pid": daemon.pid}
    assert daemon.ctl("-q", "ping") == (0, "")


def test_list_and_header(superd):
    daemon = superd(CONF)
    tcp(20013)
    lines = daemon.ctl("list")[1].splitlines()
    assert lines[0].split() == ["SERVICE", "STATE", "CHILDREN", "ACCEPTED",
                                "REFUSED", "ADDRESS"]
    assert lines[2].split() == ["20013/tcp", "listening", "0", "1", "0",
                                "0.0.0.0:20013", "[::]:20013"]
    assert daemon.ctl("--no-header", "list")[1].splitlines() == lines[1:]
    ids = [s["id"] for s in json.loads(daemon.ctl("--json", "list")[1])]
    assert ids == ["20001/tcp", "20013/tcp"]


def test_show(superd):
    daemon = superd(CONF)
    with connect(20001) as s:
        pid = int(s.recv(100).split()[1])
        code, text = daemon.ctl("show", "20001/tcp")
        assert code == 0 and f"child {pid} for" in text
        assert "peer 127.0.0.1:" in text
    assert daemon.ctl("show", "nothing") == (4, "no service nothing\n")


def test_status_keys_are_stable(superd):
    """these are documented in superctl(8)"""
    daemon = superd(CONF)
    status = daemon.status()
    assert sorted(status) == sorted([
        "version", "pid", "uptime", "config", "files", "children",
        "max_children", "paused", "sources", "log_dropped", "reloads",
        "reloads_failed", "unservable", "services"])
    assert sorted(status["services"][0]) == sorted([
        "id", "state", "name", "dialect", "wait", "internal", "program",
        "user", "file", "line", "paused", "paused_for", "listeners",
        "children", "accepted", "started", "answered", "datagrams",
        "discarded", "failed", "refused"])
    assert sorted(status["services"][0]["listeners"][0]) == sorted([
        "address", "type", "fd", "state", "retry_in", "error"])
    assert status["services"][0]["line"] == 1
    assert status["services"][0]["file"] == str(daemon.conf)


def test_reload_answers_with_the_difference_as_json(superd):
    daemon = superd(CONF)
    daemon.write(CONF + "nonsense\n")
    code, text = daemon.ctl("--json", "reload")
    answer = json.loads(text)
    assert code == 1 and answer["applied"] is False
    assert "too few fields" in answer["reports"][0]
    daemon.write(CONF + "20014 stream tcp nowait root internal daytime\n")
    code, text = daemon.ctl("--json", "reload")
    answer = json.loads(text)
    assert code == 0 and answer["applied"] and answer["added"] == 1


def raw(daemon):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5 * SLOW)
    s.connect(daemon.control)
    return s


def test_slow_and_rude_clients_block_nobody(superd):
    daemon = superd(CONF)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(raw(daemon)) for _ in range(10)]
        assert tcp(20013)
        assert daemon.ctl("ping")[0] == 0
        silent[0].send(b"sta")
        assert daemon.ctl("ping")[0] == 0
        silent[0].send(b"tus\n")
        assert silent[0].recv(6) == b"EXIT 0"
        with contextlib.suppress(OSError):
            silent[1].sendall(b"x" * 100000)
        silent[2].send(b"\0\xff\n")
        assert silent[2].recv(100).startswith(b"EXIT 2\n")
    assert daemon.ctl("ping")[0] == 0


def test_too_many_clients_are_turned_away(superd):
    daemon = superd(CONF)
    fds = daemon.fds()
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            with contextlib.suppress(BlockingIOError):  # the backlog
                stack.enter_context(raw(daemon))
        wait_for(lambda: daemon.fds() <= fds + 33)
        assert tcp(20013)
    wait_for(lambda: daemon.fds() == fds)
    assert daemon.ctl("ping")[0] == 0


def test_long_answer_to_a_client_that_does_not_read(superd):
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(800))
    daemon = superd(lines)
    with raw(daemon) as s:
        s.send(b"json status\n")
        time.sleep(0.2)
        assert tcp(21000)       # nobody waits for it
        data = b""
        while block := s.recv(65536):
            data += block
    assert len(json.loads(data.split(b"\n", 1)[1])["services"]) == 800


def test_control_socket_of_another_superd_is_left_alone(superd, tmp_path):
    first = superd(CONF)
    second = superd("20002 stream tcp nowait root internal daytime\n",
                    file="other.conf")
    assert "error control socket" in second.read_log()
    assert first.ctl("ping")[1].endswith(f"pid {first.pid}\n")
    second.stop()
    assert os.path.exists(first.control)
    assert udp(20099, timeout=0.1) is None
