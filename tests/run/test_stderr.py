"""stderr = socket, log or null: what servers write there."""

import contextlib
import os
import re
import signal
import time

import pytest
from conftest import (SLOW, State, connect, probe, read_all, tcp,
                      udp_socket, wait_for)


@pytest.fixture(autouse=True, params=["fast", "fork"])
def backend(request, monkeypatch):
    monkeypatch.setenv("SUPERD_SPAWN", request.param)


def script(id, port, text, **options):
    values = {"port": port, "server": "/bin/sh", "user": "nobody",
              "server_args": '{"-c", "' + text.replace("\\", "\\\\") + '"}',
              "stderr": "log"}
    values.update(options)
    body = "".join(f"\t{key} = {value}\n" for key, value in values.items()
                   if value is not None)
    return f'service "{id}" {{\n{body}}}\n'


def stderr_lines(daemon, id="one"):
    return re.findall(rf"^superd: stderr {id} pid=[0-9]+ peer=[^ ]+: (.*)$",
                      daemon.read_log(), re.M)


def test_stderr_is_logged_line_by_line(conf):
    daemon = conf(script("one", 20001,
                         "echo first >&2; echo out; echo second >&2"))
    assert tcp(20001) == b"out\n"
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: second$")
    assert stderr_lines(daemon) == ["first", "second"]


def test_line_tells_whose_it_is(conf):
    """of many at once, though all write in turns; and of what a server has
    left in the background"""
    daemon = conf(script("one", 20001,
                         "exec 3<&0; echo $$ first >&2; read x; echo $$ "
                         "second >&2; (read x <&3; echo $$ late >&2) & "
                         "read x"),
                  args=["-l"])
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(20)]
        wait_for(lambda: len(stderr_lines(daemon)) == 20)
        for s in clients:
            s.sendall(b"\n")
        wait_for(lambda: len(stderr_lines(daemon)) == 40)
        started = dict(re.findall(r"start one pid=(\d+) peer=(\S+) ",
                                  daemon.read_log()))
        assert sorted(started.values()) == sorted(
            "%s:%d" % s.getsockname() for s in clients)
    wait_for(lambda: len(stderr_lines(daemon)) == 60)
    lines = re.findall(r"^superd: stderr one pid=(\d+) peer=(\S+): (\d+) "
                       r"(\w+)$", daemon.read_log(), re.M)
    assert len(lines) == 60
    assert all(pid == own and started[pid] == peer
               for pid, peer, own, _ in lines)


def test_line_of_a_wait_server_tells_who_woke_it(conf):
    daemon = conf(script("one", 20001, "echo problem >&2; exec "
                         f"{probe('once')} once", protocol="udp",
                         wait="yes"))
    with udp_socket(source=("127.0.0.1", 40001)) as s:
        s.sendto(b"x", ("127.0.0.1", 20001))
        assert s.recv(100)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=127.0.0.1:40001: "
                    "problem$")


def test_stderr_goes_to_the_client_unless_asked_for(conf):
    daemon = conf(script("one", 20001, "echo problem >&2", stderr="socket"))
    assert tcp(20001) == b"problem\n"
    assert stderr_lines(daemon) == []


def test_stderr_may_go_nowhere(conf):
    daemon = conf(script("one", 20001, "echo problem >&2; echo out",
                         stderr="null"))
    assert tcp(20001) == b"out\n"
    wait_for(lambda: daemon.status()["children"] == 0)
    assert "problem" not in daemon.read_log()


def test_stderr_goes_to_the_log_of_its_service(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(script("one", 20001, "echo problem >&2",
                         log_type='{FILE, "%s"}' % log,
                         log_on_success="{EXIT}"))
    tcp(20001)
    wait_for(lambda: log.exists() and "EXIT" in log.read_text())
    lines = [re.sub(r"pid=\d+ peer=127.0.0.1:\d+", "pid= peer=",
                    line.split(": ", 1)[1])
             for line in log.read_text().splitlines()]
    # what it wrote comes before its end
    assert lines == ["START: one", "stderr one pid= peer=: problem",
                     "EXIT: one status=0"]
    assert "problem" not in daemon.read_log()


def test_unprintable_text_is_encoded(conf):
    daemon = conf(script("one", 20001, r"printf 'a\033[1mb\t\200\000c\r\n' >&2"))
    tcp(20001)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: a.*c$")
    line, = stderr_lines(daemon)
    assert all(32 <= ord(c) < 127 for c in line)
    assert line.startswith("a\\033[1mb") and line.endswith("c")


def test_long_lines_are_cut(conf):
    daemon = conf(script("one", 20001,
                         "head -c 100000 /dev/zero | tr '\\0' x >&2; "
                         "echo >&2; echo end >&2"))
    tcp(20001)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: end$")
    first, end = stderr_lines(daemon)
    assert first == "x" * 1000 + "..."


def test_line_without_an_end_is_logged(conf):
    daemon = conf(script("one", 20001, "printf last >&2"))
    tcp(20001)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: last$")


def test_line_without_an_end_is_logged_while_its_server_runs(conf):
    daemon = conf(script("one", 20001, "printf prompt >&2; cat"))
    with connect(20001):
        daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: prompt$")


def test_stderr_of_a_wait_service(conf):
    daemon = conf(script("one", 20001, f"echo problem >&2; exec {probe('once')} once",
                         protocol="udp", wait="yes"))
    with udp_socket() as s:
        s.sendto(b"x", ("127.0.0.1", 20001))
        assert s.recv(100)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: problem$")


def test_server_has_a_pipe_and_nothing_else(conf):
    conf(script("one", 20001, f"exec {probe('probe')} probe"))
    state = State(tcp(20001))
    assert sorted(state.fds) == [0, 1, 2], state.text
    assert state.fds[0][0].startswith("socket:")
    assert state.fds[2][0].startswith("pipe:")


def test_stderr_may_be_opened_by_its_name(conf):
    """what scripts do, though the pipe is not theirs"""
    daemon = conf(script("one", 20001, "echo problem > /dev/stderr"))
    tcp(20001)
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: problem$")


def test_stderr_behind_a_gate(conf, tmp_path, mounts):
    """a name has to be looked up before the server may start"""
    hosts, nss = tmp_path / "hosts", tmp_path / "nss"
    hosts.write_text("127.0.0.1 here.example\n")
    nss.write_text("hosts: files\npasswd: files\ngroup: files\n"
                   "services: files\nprotocols: files\n")
    mounts(hosts, "/etc/hosts")
    mounts(nss, "/etc/nsswitch.conf")
    daemon = conf(script("one", 20001, "echo problem >&2; echo out",
                         only_from='{"here.example"}'))
    assert tcp(20001) == b"out\n"
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: problem$")


def test_stderr_of_a_service_behind_tcpmux(conf):
    def behind(id, **options):
        return script(id, 1, f"echo {id} >&2; echo out", type="TCPMUXPLUS",
                      **options).replace("\tport = 1\n", "")
    daemon = conf('service "mux" {\n\tinternal = tcpmux\n\tport = 20001\n}\n'
                  + behind("tool") + behind("loud", stderr="socket"))
    assert tcp(20001, b"tool\r\n").endswith(b"out\n")
    daemon.wait_log("^superd: stderr tool pid=[0-9]+ peer=[^ ]+: tool$")
    assert tcp(20001, b"loud\r\n").endswith(b"loud\nout\n")


def test_many_services_have_their_own_stderr(conf):
    """more of them than there are low descriptors"""
    daemon = conf("".join(script(f"s{n}", 20000 + n, f"echo number {n} >&2")
                          for n in range(1, 101)))
    for n in range(1, 101):
        tcp(20000 + n)
    for n in range(1, 101):
        daemon.wait_log(f"^superd: stderr s{n} pid=[0-9]+ peer=[^ ]+: "
                        f"number {n}$")


def test_whole_lines_of_many_children_stay_whole(conf):
    daemon = conf(script("one", 20001, "for i in 1 2 3; do echo "
                         "abcdefghijklmnopqrstuvwxyz >&2; done; cat"))
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(20001))
        wait_for(lambda: len(stderr_lines(daemon)) == 120)
    assert set(stderr_lines(daemon)) == {"abcdefghijklmnopqrstuvwxyz"}


def test_flood_of_one_service_costs_the_others_nothing(conf):
    daemon = conf(script("one", 20001, "exec yes flood >&2") +
                  script("two", 20002, "echo hello"))
    with connect(20001) as flood:
        wait_for(lambda: len(stderr_lines(daemon)) >= 100)
        cpu, start = daemon.cpu(), time.monotonic()
        for _ in range(50):
            before = time.monotonic()
            assert tcp(20002) == b"hello\n"
            assert time.monotonic() - before < 1 * SLOW
        time.sleep(max(0, 2 - (time.monotonic() - start)))
        seconds = time.monotonic() - start
        assert daemon.cpu() - cpu < 0.15 * SLOW * seconds
        # 200 at once, and 20 a second
        assert len(stderr_lines(daemon)) < 250 + 60 * (seconds + 5) * SLOW
        pid, = daemon.child_pids()
        os.kill(pid, signal.SIGTERM)
        read_all(flood)
    # what was left out is told
    daemon.wait_log(r"^superd: stderr one: \d+ lines dropped$")


def test_flooding_server_comes_to_its_end(conf):
    """its writes wait for superd, but not for ever"""
    conf(script("one", 20001, "yes flood | head -c 3000000 >&2; echo done"))
    assert tcp(20001, timeout=30) == b"done\n"


def test_after_superd_tcpmux_has_no_services(conf):
    """and says so, whatever process goes on to read for others"""
    daemon = conf(script("one", 20001, "cat") +
                  'service tcpmux {\n\tport = 20002\n\ttype = {INTERNAL, '
                  'UNLISTED}\n}\n' +
                  script("two", None, "true", type="TCPMUX"))
    with connect(20001), connect(20002) as s:
        wait_for(lambda: daemon.status()["children"] == 2)
        daemon.stop()
        s.sendall(b"two\r\n")
        assert read_all(s).startswith(b"-")


def test_children_of_a_removed_service_are_still_read(conf):
    daemon = conf(script("one", 20001, "read x; echo late >&2; read x"))
    with connect(20001) as s:
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.reload(script("two", 20002, "true"))[0] == 0
        s.sendall(b"\n")
        daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: late$")
    wait_for(lambda: daemon.status()["children"] == 0)


def test_grandchildren_of_a_removed_service_are_still_read(conf, tmp_path):
    """what a server has left in the background"""
    gate = tmp_path / "gate"
    os.mkfifo(gate, 0o644)
    daemon = conf(script("one", 20001,
                         f"(read x < {gate}; echo late >&2) <&2 >&2 &"))
    assert tcp(20001) == b""
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.reload(script("two", 20002, "true", stderr="null"))[0] == 0
    gate.write_text("\n")
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: late$")


def test_reload_changes_where_stderr_goes(conf):
    daemon = conf(script("one", 20001, "echo problem >&2"))
    assert daemon.reload(script("one", 20001, "echo problem >&2",
                                stderr="socket"))[0] == 0
    assert tcp(20001) == b"problem\n"
    assert daemon.reload(script("one", 20001, "echo again >&2"))[0] == 0
    assert tcp(20001) == b""
    daemon.wait_log("^superd: stderr one pid=[0-9]+ peer=[^ ]+: again$")
    assert stderr_lines(daemon) == ["again"]


def test_no_descriptor_is_left_after_many_children(conf):
    daemon = conf(script("one", 20001, "echo problem >&2"))
    before = daemon.fds()
    for _ in range(500):
        tcp(20001)
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: daemon.fds() <= before)
    assert daemon.service("one")["started"] == 500


def test_many_reloads_leave_no_pipe(conf):
    one = script("one", 20001, "echo problem >&2")
    two = script("two", 20002, "true", stderr="null")
    daemon = conf(one)
    before = daemon.fds()
    for _ in range(20):
        assert daemon.reload(two)[0] == 0
        assert daemon.reload(one)[0] == 0
    wait_for(lambda: daemon.fds() <= before)


def test_children_outlive_superd_without_sigpipe(conf, tmp_path):
    """and what they write is still logged"""
    log, gate = tmp_path / "one.log", tmp_path / "gate"
    os.mkfifo(gate)
    daemon = conf(script("one", 20001, "read x; echo late >&2; echo done",
                         log_type='{FILE, "%s"}' % log))
    with connect(20001) as s:
        wait_for(lambda: daemon.status()["children"] == 1)
        daemon.stop()
        s.sendall(b"\n")
        assert read_all(s) == b"done\n"
    wait_for(lambda: log.exists() and
             re.search("stderr one pid=.*: late", log.read_text()))

    def processes():
        """with this net: the reader goes when nobody is left"""
        mine = os.readlink("/proc/self/ns/net")
        count = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                count += os.readlink(f"/proc/{pid}/ns/net") == mine
        return count
    wait_for(lambda: processes() == 1)
