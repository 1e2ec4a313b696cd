"""Limits of sessions: what superd ends, how, and what is left then."""

import contextlib
import os
import time

import pytest
from conftest import SLOW, connect, read_all, tcp, wait_for
from test_attributes import service

# Far above what a busy machine takes, and far below the tests' patience.
LONG = "1h"


def soon(seconds):
    """time enough for what has to happen before"""
    return f"{int(seconds * SLOW)}s"


STUBBORN = "trap '' TERM HUP INT; echo ready; while :; do sleep 1; done"


def shell(script, name="one", **attributes):
    return service(name, server="/bin/sh", server_args=["-c", script],
                   **attributes)


def first_line(client):
    client.settimeout(20 * SLOW)
    with client.makefile("rb") as lines:
        return lines.readline().rstrip(b"\n").decode()


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def nobody_is_served(daemon):
    wait_for(lambda: daemon.status()["children"] == 0)


# The time of a session.

def test_a_session_ends_at_its_time_limit(conf):
    daemon = conf(shell("echo $$; exec sleep 1000", time_limit="1s"),
                  args=["-l"])
    begin = time.monotonic()
    with connect(20001) as client:
        pid = first_line(client)
        assert read_all(client) == b""
    assert time.monotonic() - begin >= 0.9
    daemon.wait_log(f"exit one pid={pid} signal=15 .*reason=time_limit$")
    assert gone(pid)


def test_who_ignores_sigterm_is_killed_after_kill_after(conf):
    daemon = conf(shell(STUBBORN, time_limit="1s", kill_after="1s"),
                  args=["-l"])
    with connect(20001) as client:
        assert first_line(client) == "ready"
        daemon.wait_log("exit one pid=[0-9]+ signal=9 .*"
                        "reason=time_limit$")


def test_who_has_stopped_itself_is_killed(conf):
    daemon = conf(shell("echo ready; kill -STOP $$", time_limit="1s",
                        kill_after="1s"), args=["-l"])
    with connect(20001) as client:
        assert first_line(client) == "ready"
        daemon.wait_log("exit one pid=[0-9]+ signal=9 .*"
                        "reason=time_limit$")


def test_without_kill_after_there_is_one_signal(conf):
    daemon = conf(shell("trap 'exit 3' TERM; echo ready; "
                        "while :; do sleep 0.1; done", time_limit="1s",
                        kill_after="0"), args=["-l"])
    with connect(20001) as client:
        assert first_line(client) == "ready"
        daemon.wait_log("exit one pid=[0-9]+ signal=9 .*"
                        "reason=time_limit$")


def test_a_server_that_ends_at_sigterm_says_its_status(conf):
    daemon = conf(shell("trap 'exit 3' TERM; echo ready; "
                        "while :; do sleep 0.1; done", time_limit="1s",
                        kill_after=LONG), args=["-l"])
    with connect(20001) as client:
        assert first_line(client) == "ready"
        daemon.wait_log("exit one pid=[0-9]+ status=3 .*"
                        "reason=time_limit$")


def test_a_session_that_ends_in_time_has_no_reason(conf):
    daemon = conf(shell("echo x", time_limit=LONG), args=["-l"])
    assert tcp(20001) == b"x\n"
    daemon.wait_log("exit one pid=[0-9]+ status=0 duration=[0-9.]+$")


def test_records_of_sessions_say_the_limit(conf):
    daemon = conf("log_format = json\n" +
                  shell("echo ready; exec sleep 1000", time_limit="1s"),
                  args=["-l"])
    tcp(20001, timeout=20 * SLOW)
    daemon.wait_log('"event":"exit".*"signal":15.*"reason":"time_limit"')


def test_a_signal_by_hand_does_not_lift_the_limit(conf):
    daemon = conf(shell("trap '' USR1; echo ready; "
                        "while :; do sleep 0.1; done", time_limit=soon(3)),
                  args=["-l"])
    with connect(20001) as client:
        assert first_line(client) == "ready"
        assert daemon.ctl("kill", "--signal", "USR1", "one")[0] == 0
        daemon.wait_log("exit one .*signal=15 .*reason=time_limit$")


def test_wait_servers_have_a_time_from_their_start(conf):
    daemon = conf(service(server="/bin/sleep", server_args=["1000"],
                          wait=True, time_limit="1s"), args=["-l"])
    with connect(20001):
        daemon.wait_log("exit one pid=[0-9]+ signal=15 .*"
                        "reason=time_limit$")
        # its socket is superd's again, and the client still waits
        daemon.wait_log("(?s)reason=time_limit.*reason=time_limit")


def test_internal_sessions_are_closed_at_their_time_limit(conf):
    daemon = conf(service(internal="echo", time_limit="1s"), args=["-l"])
    with connect(20001) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        # not idle at all, but that helps nothing
        with contextlib.suppress(OSError):
            while client.recv(1) != b"":
                pass
    daemon.wait_log("exit one .*reason=time_limit$")


def test_redirected_sessions_are_closed_at_their_time_limit(conf):
    daemon = conf(service(internal="echo", name="target", port=20002) +
                  service(server=None, user=None, time_limit="1s",
                          redirect=["127.0.0.1", 20002]), args=["-l"])
    with connect(20001) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        with contextlib.suppress(OSError):
            assert client.recv(1) == b""
    daemon.wait_log("exit one .*reason=time_limit$")


@pytest.mark.parametrize("server", [
    {"server": "/bin/sleep", "server_args": ["1000"]},
    {"internal": "echo"}], ids=["server", "internal"])
def test_a_reload_that_shortens_the_limit_holds_for_who_is_served(
        conf, server):
    daemon = conf(service(time_limit=LONG, **server), args=["-l"])
    with connect(20001):
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.reload(service(time_limit="1s", **server))[0] == 0
        daemon.wait_log("exit one .*reason=time_limit$")


def test_a_reload_that_brings_a_limit_holds_for_who_is_served(conf):
    text = {"server": "/bin/sleep", "server_args": ["1000"]}
    daemon = conf(service(**text), args=["-l"])
    with connect(20001):
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.reload(service(time_limit="1s", **text))[0] == 0
        daemon.wait_log("exit one .*reason=time_limit$")


def test_a_reload_that_lifts_the_limit_holds_for_who_is_served(conf):
    text = {"server": "/bin/cat"}
    two = shell("exec sleep 1000", name="two", port=20002,
                time_limit=soon(4))
    daemon = conf(service(time_limit=soon(4), **text) + two, args=["-l"])
    with connect(20001) as client:
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.reload(service(**text) + two)[0] == 0
        # a limit that came later is over by now
        with connect(20002):
            daemon.wait_log("exit two .*reason=time_limit$")
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    assert "exit one " not in daemon.read_log()


def test_sessions_of_a_service_that_is_removed_keep_their_limit(conf):
    one = shell("exec sleep 1000", time_limit="3s")
    other = service(internal="echo", name="other", port=20002)
    daemon = conf(one + other, args=["-l"])
    with connect(20001):
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.reload(other)[0] == 0
        daemon.wait_log("exit one .*signal=15 .*reason=time_limit$")


def test_superctl_set_shortens_the_limit(conf):
    daemon = conf(service(server="/bin/sleep", server_args=["1000"]),
                  args=["-l"])
    with connect(20001):
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.ctl("set", "one", "time_limit=1s")[0] == 0
        daemon.wait_log("exit one .*reason=time_limit$")


def test_xinetd_conf_has_the_limit_with_a_note(xinetd):
    daemon = xinetd("service one\n{\n\ttype = UNLISTED\n\tport = 20001\n"
                    "\tsocket_type = stream\n\twait = no\n\tuser = nobody\n"
                    "\tserver = /bin/sleep\n\tserver_args = 1000\n"
                    "\ttime_limit = 1s\n}\n", args=["-l"])
    daemon.wait_log("time_limit applies: xinetd 2.3.15 does not have it")
    assert tcp(20001, timeout=20 * SLOW) == b""
    daemon.wait_log("reason=time_limit")


def test_many_stubborn_sessions_at_once_are_all_killed(conf):
    """each one a shell with a child that ignores SIGTERM, too"""
    daemon = conf("max_children = 400\n" +
                  shell("trap '' TERM; echo $$; exec sleep 1000",
                        time_limit="10s", kill_after="1s", instances=300,
                        per_source=300))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(200)]
        pids = [first_line(client) for client in clients]
        assert daemon.reload(shell(
            "trap '' TERM; echo $$; exec sleep 1000", time_limit="1s",
            kill_after="1s", instances=300, per_source=300))[0] == 0
        nobody_is_served(daemon)
        assert all(map(gone, pids))
