"""What superd tells Prometheus."""

import re
import shutil
import socket
import subprocess
import time

import pytest
from conftest import SLOW, connect, probe, read_all, tcp, wait_for

promtool = pytest.mark.skipif(shutil.which("promtool") is None,
                              reason="no promtool (prometheus)")

SERVICES = f"""\
20001 stream tcp4 nowait nobody {probe('hold')} hold
20002 stream tcp4 nowait nobody /bin/true true
20003 stream tcp4 nowait nobody /bin/false false
20004 stream tcp4 nowait nobody {probe('hold')} hold
20005 stream tcp4 nowait root internal echo
"""

LINE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def parsed(text):
    """{(name, frozenset of labels): value}; each is there once"""
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        key = match[1], frozenset(LABEL.findall(match[2] or ""))
        assert key not in values, line
        values[key] = float(match[3])
    return values


class Metrics:
    def __init__(self, text):
        self.text = text
        self.values = parsed(text)

    def get(self, name, **labels):
        return self.values.get((name, frozenset(labels.items())))


def metrics(daemon):
    code, text = daemon.ctl("metrics")
    assert code == 0, text
    return Metrics(text)


def rest(daemon):
    wait_for(lambda: daemon.status()["children"] == 0,
             what="the end of all sessions")


@pytest.mark.root
def test_counts_are_what_has_happened(superd):
    daemon = superd(SERVICES)
    for _ in range(3):
        tcp(20002)
    for _ in range(2):
        tcp(20003)
    assert tcp(20005, b"x") == b"x"
    with connect(20004) as s:
        assert s.recv(100).startswith(b"held")
        assert daemon.ctl("kill", "20004/tcp4")[0] == 0
        assert read_all(s) == b""
    rest(daemon)
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        now = metrics(daemon)
        assert now.get("superd_sessions", service="20001/tcp4") == 1
    for port, count in ((20001, 1), (20002, 3), (20003, 2), (20004, 1),
                        (20005, 1)):
        assert now.get("superd_connections_total",
                       service=f"{port}/tcp4") == count
    for port, status0, status, killed in ((20002, 3, 0, 0), (20003, 0, 2, 0),
                                          (20004, 0, 0, 1), (20005, 1, 0, 0)):
        for how, count in (("status0", status0), ("status", status),
                           ("signal", killed)):
            assert now.get("superd_exits_total", service=f"{port}/tcp4",
                           how=how) == count
    # nobody's session has ended there
    assert now.get("superd_exits_total", service="20001/tcp4",
                   how="status0") is None
    assert now.get("superd_session_seconds_count", service="20002/tcp4") == 3


@pytest.mark.root
def test_sessions_are_counted_in_the_bucket_of_their_length(superd):
    daemon = superd(SERVICES)
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        time.sleep(0.2)
    rest(daemon)
    now = metrics(daemon)

    def bucket(le):
        return now.get("superd_session_seconds_bucket", service="20001/tcp4",
                       le=le)

    assert bucket("0.1") == 0
    assert bucket("60") == bucket("+Inf") == 1
    total = now.get("superd_session_seconds_sum", service="20001/tcp4")
    assert 0.2 <= total < 60


@pytest.mark.root
def test_refusals_and_pauses_have_their_reasons(superd):
    daemon = superd('service "one" { port = 20001\n instances = 1\n'
                    f' server = {probe("hold")}\n user = nobody\n'
                    ' only_from = {"127.0.0.0/8"}\n no_access = 127.0.0.9 }\n'
                    'service "shut" { port = 20002\n server = /bin/true\n'
                    ' user = nobody }\n', file="superd.conf")
    with socket.create_connection(("127.0.0.1", 20001), 5 * SLOW,
                                  ("127.0.0.9", 0)) as s:
        assert read_all(s) == b""
    wait_for(lambda: metrics(daemon).get(
        "superd_refused_total", service="one", reason="access") == 1)
    assert daemon.ctl("stop", "shut")[0] == 0
    now = metrics(daemon)
    assert now.get("superd_paused", service="shut", reason="stopped") == 1
    with connect(20001) as s, connect(20001) as other:
        assert s.recv(100).startswith(b"held")
        # one of them waits, or was refused
        wait_for(lambda: metrics(daemon).get(
            "superd_paused", service="one", reason="instances") == 1 or
            daemon.service("one")["refused"]["instances"])
        other.close()


@pytest.mark.root
def test_socket_that_cannot_be_bound_is_down(superd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 20009))
        other.listen()
        daemon = superd(SERVICES +
                        "127.0.0.1:20009 stream tcp4 nowait nobody /bin/true "
                        "true\n")
        now = metrics(daemon)
    assert now.get("superd_listener_up", service="127.0.0.1:20009/tcp4",
                   address="127.0.0.1:20009") == 0
    assert now.get("superd_listener_up", service="20001/tcp4",
                   address="0.0.0.0:20001") == 1


@pytest.mark.root
def test_daemon_tells_of_itself(superd):
    daemon = superd(SERVICES)
    assert daemon.reload()[0] == 0
    assert daemon.reload("nonsense\n")[0] == 1
    now = metrics(daemon)
    assert now.get("superd_reloads_total", result="applied") == 1
    assert now.get("superd_reloads_total", result="refused") == 1
    assert now.get("superd_loop_seconds_count") > 0
    version = daemon.status()["version"]
    assert now.get("superd_build_info", version=version) == 1
    assert now.get("process_resident_memory_bytes") > 1 << 20
    assert abs(now.get("process_start_time_seconds") - time.time()) < 600


@pytest.mark.root
@promtool
def test_promtool_has_no_complaint(superd):
    daemon = superd(SERVICES)
    for port in (20002, 20003):
        tcp(port)
    rest(daemon)
    done = subprocess.run(["promtool", "check", "metrics"],
                          input=metrics(daemon).text, text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.root
@pytest.mark.parametrize("name,label", [
    ('a\\"b', 'a\\"b'), ("a\\\\b", "a\\\\b"), ("é{}=,", "é{}=,"),
])
def test_ids_are_escaped(superd, name, label):
    daemon = superd(f'service "{name}" {{ port = 20001\n server = /bin/true\n'
                    ' user = nobody }\n', file="superd.conf")
    now = metrics(daemon)
    assert now.get("superd_sessions", service=label) == 0


@pytest.mark.root
def test_metrics_of_many_services_hold_nobody_up(superd):
    daemon = superd("".join(
        f"127.0.0.1:{port} stream tcp4 nowait root internal daytime\n"
        for port in range(21000, 23000)))
    before = metrics(daemon)
    assert before.get("superd_sessions",
                      service="127.0.0.1:22999/tcp4") == 0
    assert daemon.ctl("--json", "metrics")[0] == 2
    daemon.check_at_rest()
