"""hosts.allow and hosts.deny, asked in the child."""

import contextlib
import re
import subprocess
import time

import pytest
from conftest import (SLOW, SUPERD, State, check_no_rights, connect, probe,
                      read_all, tcp, udp, udp_socket, wait_for)

CONF = (f"20001 stream tcp nowait nobody {probe('probe')} probe\n"
        f"20002 stream tcp nowait nobody /usr/sbin/tcpd /bin/cat\n"
        "20003 stream tcp nowait root internal daytime\n"
        f"20004 dgram udp wait nobody {probe('once')} once\n")

pytestmark = [pytest.mark.root, pytest.mark.skipif(
    "+libwrap" not in subprocess.run([SUPERD, "-V"], capture_output=True,
                                     text=True).stdout,
    reason="built without libwrap")]


def test_denied_client_is_refused_and_logged(superd, hosts):
    hosts("probe: 192.0.2.1\n", "ALL: ALL\n")
    daemon = superd(CONF, args=["-w"])
    assert tcp(20001) == b""
    daemon.wait_log(r"refuse 20001/tcp peer=127\.0\.0\.1:\d+ reason=libwrap")
    assert daemon.service("20001/tcp")["refused"]["libwrap"] == 1
    assert tcp(20003)       # internal services are not asked for
    assert udp(20004, timeout=0.5) is None


def test_allowed_client_is_served_in_a_clean_state(superd, hosts):
    hosts("probe: 127.0.0.1\nonce: LOCAL, 127.0.0.1\n", "ALL: ALL\n")
    superd(CONF, args=["--libwrap"])
    state = State(tcp(20001))
    assert sorted(state.fds) == [0, 1, 2] and list(state.env) == ["PATH"]
    assert udp(20004)


def test_without_the_option_nothing_is_asked(superd, hosts):
    hosts("", "ALL: ALL\n")
    superd(CONF)
    assert State(tcp(20001))


def test_inetds_l_asks(superd, hosts):
    """what Debian's openbsd-inetd does under -l"""
    hosts("", "ALL: ALL\n")
    superd(CONF, args=["-l"], name="inetd",)
    assert tcp(20001) == b""


@pytest.fixture
def slow_names(tmp_path, mounts, veth):
    """The only name server has got the question, and does not answer."""
    resolv = tmp_path / "resolv"
    resolv.write_text("nameserver 192.0.2.2\noptions timeout:3 attempts:1\n")
    mounts(resolv, "/etc/resolv.conf")
    with veth.peer():
        server = udp_socket(source=("192.0.2.2", 53))
    yield lambda: server.recv(4096)
    server.close()


@contextlib.contextmanager
def slow_client(veth, daemon, asked):
    """One whose name is asked for now, and who asks."""
    with veth.peer():
        s = connect(20001, "192.0.2.1", timeout=20)
    with s:
        asked()
        pid, = daemon.askers()
        yield pid, s


def test_slow_name_look_up_stops_nobody(superd, hosts, veth, slow_names):
    """a rule by name"""
    hosts("probe: .example.org\n", "ALL: ALL\n")
    daemon = superd(CONF, args=["-w"])
    with slow_client(veth, daemon, slow_names):
        start = time.monotonic()
        for _ in range(20):
            assert tcp(20003)
        assert time.monotonic() - start < 2
        wait_for(lambda: daemon.status()["children"] == 0, 15)


def test_who_asks_libwrap_has_no_rights(superd, hosts, veth, slow_names):
    """it reads what name servers say; the service has its own rights"""
    hosts("probe: .example.org, ALL\n", "")
    daemon = superd(CONF.replace("nobody", "root"), args=["-w"])
    with slow_client(veth, daemon, slow_names) as (pid, s):
        check_no_rights(pid)
        state = State(read_all(s))
    assert state["uid"] == "0 0" and int(state["pid"]) != pid


def test_who_asks_for_names_has_no_rights(conf, veth, slow_names):
    daemon = conf("service x { port = 20001 user = root "
                  f"server = {probe('probe')} libwrap = no "
                  "no_access = {example.org} }")
    with slow_client(veth, daemon, slow_names) as (pid, s):
        check_no_rights(pid)
        assert read_all(s) == b""
    assert daemon.service("x")["refused"]["access"] == 1


def test_commands_of_the_rules_run_without_rights(superd, hosts, tmp_path):
    """hosts_options(5): twist has the client, spawn has not"""
    twist = "twist (id -u; exec cat)"
    spawned = tmp_path / "spawned"
    spawned.touch()
    spawned.chmod(0o666)
    hosts(f"probe: 127.0.0.1: {twist}\ncat: ALL: spawn (id -u > "
          f"{spawned})\n", "")
    daemon = superd(f"20001 stream tcp nowait root {probe('probe')} probe\n"
                    "20002 stream tcp nowait root /bin/cat cat\n",
                    args=["-w"])
    uid, _, rest = tcp(20001, b"abc").partition(b"\n")
    assert rest == b"abc" and int(uid) not in (0, 65534)
    assert tcp(20002, b"abc") == b"abc"
    assert int(spawned.read_text()) == int(uid)
    assert daemon.service("20001/tcp")["refused"]["libwrap"] == 1
    assert daemon.service("20001/tcp")["failed"] == 0


def test_no_close_after_a_command_waits_for_its_client(superd, hosts):
    """whoever has a connection can have its last close wait, socket(7)"""
    hosts(f"probe: 127.0.0.1: twist {probe('linger')}\n", "")
    daemon = superd(f"20001 stream tcp nowait root {probe('probe')} probe\n",
                    args=["-w"])
    with connect(20001):
        wait_for(lambda: daemon.service("20001/tcp")["refused"]["libwrap"])
        wait_for(lambda: daemon.status()["children"] == 0)


def test_denied_sender_does_not_hold_up_an_allowed_one(superd, hosts, veth):
    """xinetd 2.3.12: a denied datagram stayed, and started a loop"""
    hosts("once: 127.0.0.1\n", "ALL: ALL\n")
    daemon = superd(CONF, args=["-w"])
    with veth.peer(), udp_socket() as s:
        for i in range(10):
            s.sendto(str(i).encode(), ("192.0.2.1", 20004))
    wait_for(lambda: daemon.service("20004/udp")["refused"]["libwrap"] == 10)
    assert daemon.service("20004/udp")["started"] <= 12
    start = time.monotonic()
    assert udp(20004)
    assert time.monotonic() - start < 1 * SLOW
    wait_for(lambda: daemon.status()["children"] == 0)


def test_wait_server_of_connections_is_neither_refused_nor_looped(
        superd, hosts, tmp_path):
    """openSUSE xinetd pull 7: an unconnected socket has no peer to ask for;
    the server itself accepts, and asks"""
    hosts("", "ALL: ALL\n")
    daemon = superd(f"20005 stream tcp wait nobody {probe('acc')} acc\n",
                    args=["-w"])
    before = daemon.cpu()
    assert tcp(20005, b"abc").endswith(b"abc")
    assert daemon.service("20005/tcp")["started"] == 1
    assert daemon.cpu() - before < 0.1 * SLOW


def test_denial_is_quick(superd, hosts):
    """tcpd holds a denied client for seconds"""
    hosts("", "ALL: ALL\n")
    superd(CONF, args=["-w"])
    for _ in range(5):
        start = time.monotonic()
        assert tcp(20001) == b""
        assert time.monotonic() - start < 1 * SLOW


def test_changed_rules_apply_without_a_reload(superd, hosts, tmp_path):
    hosts("", "ALL: ALL\n")
    superd(CONF, args=["-w"])
    assert tcp(20001) == b""
    (tmp_path / "hosts.allow").write_text("probe: ALL\n")
    assert State(tcp(20001))


def test_rules_apply_to_what_the_mux_starts(superd, hosts):
    """and not to internal services"""
    hosts("cat: 127.0.0.1\n", "ALL: ALL\n")
    superd("20001 stream tcp nowait root internal tcpmux\n"
           "tcpmux/cat stream tcp nowait nobody /bin/cat cat\n"
           "tcpmux/dog stream tcp nowait nobody /bin/cat dog\n", args=["-w"])
    assert tcp(20001, b"cat\r\nabc") == b"abc"
    assert tcp(20001, b"dog\r\nabc").startswith(b"-")


def test_internal_stream_services_are_asked_for_on_demand(superd, hosts):
    """FreeBSD's -W"""
    hosts("", "ALL: ALL\n")
    daemon = superd("20003 stream tcp nowait root internal daytime\n"
                    "20005 dgram udp wait root internal echo\n"
                    "20006 stream tcp nowait nobody /usr/bin/id id\n",
                    args=["-W"])
    assert tcp(20003) == b""
    assert tcp(20006)
    assert daemon.service("20003/tcp")["refused"]["libwrap"] == 1
    assert "cannot be consulted for datagrams of internal" in daemon.read_log()
    assert udp(20005, timeout=0.3) is None


ASKED = """service {name}
{{
\ttype = INTERNAL UNLISTED
\tid = {id}
\tport = {port}
\tsocket_type = {kind}
\twait = {wait}
{more}}}
"""


def xinetds(more=""):
    """echo as stream, which can be asked for, and as datagram"""
    return "".join(ASKED.format(name="echo", id=kind, kind=kind, wait=wait,
                                port=20001, more=more)
                   for kind, wait in (("stream", "no"), ("dgram", "yes")))


@pytest.mark.parametrize("allow,deny", [("", "ALL: 192.0.2.1\n"),
                                        ("ALL: 192.0.2.1: deny\n", "")])
def test_xinetds_service_that_cannot_be_asked_for_is_not_served(
        superd, hosts, allow, deny):
    hosts(allow, deny)
    daemon = superd(xinetds(), file="xinetd.conf")
    assert tcp(20001, b"abc") == b"abc"
    assert udp(20001, timeout=0.3) is None
    assert re.search(r"error: hosts\.allow and hosts\.deny have rules that "
                     "refuse, but cannot be consulted for datagrams",
                     daemon.read_log())


def test_xinetds_service_is_served_where_nothing_refuses(superd, hosts):
    """as Debian has these files: with nothing but comments"""
    hosts("# ALL: LOCAL\n", "# ALL: PARANOID\n")
    superd(xinetds(), file="xinetd.conf")
    assert tcp(20001, b"abc") == b"abc" and udp(20001, b"abc") == b"abc"


def test_xinetds_service_with_nolibwrap_is_served(superd, hosts):
    hosts("", "ALL: ALL\n")
    superd(xinetds("\tflags = NOLIBWRAP\n"), file="xinetd.conf")
    assert tcp(20001, b"abc") == b"abc" and udp(20001, b"abc") == b"abc"
