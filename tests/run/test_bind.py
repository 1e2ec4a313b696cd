"""Binding: families, addresses, retries, unix nodes."""

import contextlib
import os
import re
import socket
import stat
import subprocess
import time

import pytest
from conftest import (SLOW, SUPERD, State, connect, probe, read_all, refused,
                      run, tcp, udp, wait_for)

DAY = "stream tcp nowait root internal daytime\n"


def test_addresses_are_bound_exactly(superd, veth):
    superd(f"127.0.0.1:20001 {DAY}[::1]:20001 {DAY}::1:20002 {DAY}"
           f"*:20003 {DAY}localhost:20004 {DAY}"
           f"127.0.0.1,192.0.2.1:20005 {DAY}")
    assert tcp(20001) and tcp(20001, host="::1")
    assert refused(20001, "192.0.2.1") and refused(20002)
    assert tcp(20002, host="::1")
    assert tcp(20003) and tcp(20003, host="::1")
    assert tcp(20003, host="192.0.2.1")
    assert tcp(20004) and refused(20004, "192.0.2.1")
    assert tcp(20005) and tcp(20005, host="192.0.2.1")
    assert refused(20005, "::1")


def test_address_line_applies_to_those_after_it(superd, veth):
    superd(f"192.0.2.1:\n20001 {DAY}20002 {DAY}*:\n20003 {DAY}")
    for port in (20001, 20002):
        assert tcp(port, host="192.0.2.1") and refused(port)
    assert tcp(20003)


def test_option_a_is_the_default_address(superd, veth):
    superd(f"20001 {DAY}*:20002 {DAY}", args=["-a", "192.0.2.1"])
    assert tcp(20001, host="192.0.2.1") and refused(20001)


def test_families(superd):
    line = "%d stream %s nowait root internal daytime\n"
    superd(line % (20001, "tcp") + line % (20002, "tcp4") +
           line % (20003, "tcp6") + line % (20004, "tcp46") +
           line % (20005, "tcp4") + line % (20005, "tcp6") +
           line % (20006, "tcp6only"))
    for port, four, six in ((20001, 1, 1), (20002, 1, 0), (20003, 0, 1),
                            (20004, 1, 1), (20005, 1, 1), (20006, 0, 1)):
        assert refused(port) != four, port
        assert refused(port, "::1") != six, port


def test_localhost_works_with_only_loopback_up(superd):
    superd(f"localhost:20004 {DAY}")
    assert tcp(20004)


def test_host_without_ipv6(superd):
    """a missing family is no error for a plain line"""
    run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
        "net.ipv6.conf.lo.disable_ipv6=1")
    daemon = superd(f"20001 {DAY}")
    assert tcp(20001)
    assert "cannot bind" not in daemon.read_log()


def test_busy_port_is_bound_by_itself_when_it_is_free(superd):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20001))
        busy.listen()
        daemon = superd(f"127.0.0.1:20001 {DAY}20002 {DAY}")
        assert tcp(20002)
        assert daemon.service("127.0.0.1:20001/tcp")["state"] == "failed"
        assert "cannot bind 127.0.0.1:20001" in daemon.read_log()
        before = daemon.cpu()
        time.sleep(1)
        assert daemon.cpu() - before < 0.05 * SLOW
    wait_for(lambda: not refused(20001), 10)


def test_sighup_binds_at_once(superd):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20001))
        busy.listen()
        daemon = superd(f"127.0.0.1:20001 {DAY}20002 {DAY}")
        time.sleep(1.2)     # the next try by itself is two seconds away
    daemon.hup()
    assert tcp(20001)


def test_address_that_does_not_exist_yet(superd):
    daemon = superd(f"198.51.100.7:20001 {DAY}20002 {DAY}")
    assert tcp(20002)
    run("ip", "addr", "add", "198.51.100.7/32", "dev", "lo")
    wait_for(lambda: not refused(20001, "198.51.100.7"), 10)
    assert daemon.service("198.51.100.7:20001/tcp")["state"] == "listening"


def test_duplicates_name_both_places_and_the_first_serves(superd):
    conf = ("20001 stream tcp nowait root internal daytime\n"
            "# between\n20001 stream tcp nowait root internal echo\n")
    daemon = superd(conf)
    assert b":" in tcp(20001)
    log = daemon.read_log()
    assert f"{daemon.conf}:3:1: error:" in log
    assert f"{daemon.conf}:1" in log
    code, text = daemon.reload(conf)
    assert code == 3 and "already taken" in text


def in_time_wait(port):
    """Connections whose server side waits (state 06)."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "06"
               for row in rows)


def test_restart_with_connections_in_time_wait(superd):
    first = superd(f"20001 {DAY}")
    for _ in range(100):
        with connect(20001) as s:
            read_all(s)     # the server closes first
    first.stop()
    assert in_time_wait(20001) >= 100
    second = superd(f"20001 {DAY}")
    assert second.service("20001/tcp")["state"] == "listening"
    assert tcp(20001)


def test_second_address_of_a_service_serves_while_the_first_is_busy(superd):
    """one listener of two cannot be bound"""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20001))
        busy.listen()
        daemon = superd(f"127.0.0.1,127.0.0.2:20001 {DAY}")
        assert tcp(20001, host="127.0.0.2")
    wait_for(lambda: not refused(20001), 12)
    states = {one["state"]
              for one in daemon.status()["services"][0]["listeners"]}
    assert states == {"listening"}


def test_ports_of_one_number_in_two_protocols_do_not_clash(superd):
    daemon = superd(f"20001 {DAY}20001 dgram udp wait root internal daytime\n")
    assert tcp(20001) and udp(20001)
    assert "error" not in daemon.log


def test_wildcard_and_one_address_of_the_same_port(superd, veth):
    """either both are served, or the clash is told"""
    daemon = superd(f"20001 {DAY}192.0.2.1:20001 stream tcp nowait root "
                    "internal echo\n")
    assert tcp(20001)
    states = {s["id"]: s["state"] for s in daemon.status()["services"]}
    if set(states.values()) != {"listening"} or \
            tcp(20001, b"abc", "192.0.2.1") != b"abc":
        assert "error" in daemon.read_log()


def unix_ask(path, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.settimeout(5)
        s.connect(str(path))
        data = b""
        while block := s.recv(65536):
            data += block
        return data


def test_unix_stream_service(superd, tmp_path):
    """mode, stale node, removal at the end"""
    path = tmp_path / "sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    daemon = superd(f"{path} stream unix nowait root {probe('probe')} probe\n"
                    f":nobody:daemon:0640:{path}2 stream unix nowait root "
                    "internal daytime\n")
    assert State(unix_ask(path))["uid"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    second = tmp_path / "sock2"
    if os.getuid() == 0:
        assert stat.S_IMODE(second.stat().st_mode) == 0o640
        assert (second.stat().st_uid, second.stat().st_gid) == (65534, 1)
    assert unix_ask(second)
    daemon.reload(f"{path} stream unix nowait root internal daytime\n")
    assert not second.exists() and b":" in unix_ask(path)
    daemon.stop()
    assert not path.exists()


@pytest.mark.root
def test_unix_node_added_again_has_its_mode_and_owner(superd, tmp_path):
    path = tmp_path / "sock"
    line = f":nobody:daemon:0620:{path} stream unix nowait root internal " \
        "daytime\n"
    daemon = superd(line)
    for _ in range(3):
        assert daemon.reload("")[0] == 0
        assert not path.exists()
        assert daemon.reload(line)[0] == 0
        found = path.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == \
            (0o620, 65534, 1)
        assert unix_ask(path)


@pytest.mark.root
def test_unix_node_gets_a_new_mode_and_owner_on_reload(superd, tmp_path):
    path = tmp_path / "sock"
    line = f":%s:%s:{path} stream unix nowait root internal daytime\n"
    daemon = superd(line % ("nobody:daemon", "0600"))
    inode = path.stat().st_ino
    assert daemon.reload(line % ("daemon:daemon", "0666"))[0] == 0
    found = path.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_ino) == \
        (0o666, 1, inode)


@pytest.mark.root
@pytest.mark.parametrize("kind", ["symlink", "hard link", "socket"])
def test_reload_changes_nothing_that_another_put_at_a_unix_path(superd,
                                                                tmp_path,
                                                                kind):
    """the directory's owner swaps the node for a way to something of root's"""
    home, secret = tmp_path / "home", tmp_path / "secret"
    home.mkdir()
    path = home / "sock"
    line = f":%s:%s:{path} stream unix nowait root internal daytime\n"
    daemon = superd(line % ("nobody:daemon", "0600"))
    os.chown(home, 65534, 65534)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        if kind == "socket":
            other.bind(str(secret))
            other.listen()
        else:
            secret.write_text("precious")
        secret.chmod(0o600)
        before = secret.stat()
        if kind == "symlink":
            path.symlink_to(secret)
        else:
            os.link(secret, path)
        assert daemon.reload(line % ("daemon:daemon", "0666"))[0] == 0
        after = secret.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == \
            (before.st_mode, before.st_uid, before.st_gid)
        assert path.is_symlink() or path.stat().st_ino == after.st_ino
        assert len(re.findall(rf"error {path}/unix", daemon.read_log())) == 1
        # once it is gone, a reload brings the service back
        path.unlink()
        assert daemon.reload(line % ("daemon:daemon", "0660"))[0] == 0
        found = path.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o660, 1)
        assert unix_ask(path)
        daemon.stop()
        assert secret.exists() and not path.exists()


@pytest.mark.root
def test_unix_node_that_was_removed_is_made_again_at_a_reload(superd,
                                                              tmp_path):
    path = tmp_path / "sock"
    line = f":root:root:%s:{path} stream unix %s root %s\n"
    for how in (("nowait", "internal daytime"),
                ("wait", f"{probe('acc')} acc")):
        daemon = superd(line % ("0600", *how))
        path.unlink()
        assert daemon.reload(line % ("0666", *how))[0] == 0
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5 * SLOW)
            s.connect(str(path))
            s.shutdown(socket.SHUT_WR)
            assert s.recv(100)
        assert "rebind" in daemon.read_log()
        daemon.stop()
        assert not path.exists()


@pytest.mark.root
def test_unix_node_of_an_unprivileged_superd(superd, tmp_path):
    """who may not ask the kernel for the node finds it by its name"""
    tmp_path.chmod(0o1777)
    path = tmp_path / "sock"
    line = f":nobody:nogroup:%s:{path} stream unix nowait nobody internal " \
        "daytime\n"
    daemon = superd(line % "0640",
                    starter=[probe("dirty"), "uid=65534", "--"])
    for mode in (0o640, 0o666):
        assert daemon.reload(line % f"{mode:04o}")[0] == 0
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert unix_ask(path)
    daemon.stop()
    assert not path.exists()


def test_unix_node_that_another_put_there_is_not_removed(superd, tmp_path):
    """somebody replaced ours; theirs stays"""
    path = tmp_path / "sock"
    daemon = superd(f"{path} stream unix nowait root internal daytime\n")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        daemon.stop()
        assert path.exists()


def test_symbolic_link_in_place_of_a_unix_node_is_not_followed(superd,
                                                               tmp_path):
    """xinetd 2.1.8.5: what a link points to is left alone"""
    path, target = tmp_path / "sock", tmp_path / "target"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(target))
    path.symlink_to(target)
    daemon = superd(f"{path} stream unix nowait root internal daytime\n"
                    f"20001 {DAY}")
    assert daemon.service(f"{path}/unix")["state"] == "failed"
    daemon.stop()
    assert path.is_symlink() and target.exists()


def test_unix_seqpacket_and_datagram_services(superd, tmp_path):
    superd(f"{tmp_path}/seq seqpacket unix nowait root /bin/cat cat\n"
           f"{tmp_path}/dgram dgram unix wait root {probe('once')} once\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(5)
        s.connect(f"{tmp_path}/seq")
        s.send(b"packet")
        assert s.recv(100) == b"packet"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.bind(f"{tmp_path}/client")
        s.sendto(b"x", f"{tmp_path}/dgram")
        assert int(s.recv(100)) > 0


def test_unix_node_that_is_no_socket_is_left_alone(superd, tmp_path):
    path = tmp_path / "file"
    path.write_text("precious")
    daemon = superd(f"{path} stream unix nowait root internal daytime\n"
                    f"20001 {DAY}")
    assert daemon.service(f"{path}/unix")["state"] == "failed"
    daemon.stop()
    assert path.read_text() == "precious"


def test_unix_node_of_a_live_server_is_left_alone(superd, tmp_path):
    path = tmp_path / "live"
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(str(path))
        live.listen()
        daemon = superd(f"{path} stream unix nowait root internal daytime\n"
                        f"20001 {DAY}")
        assert daemon.service(f"{path}/unix")["state"] == "failed"
        daemon.stop()
        assert path.exists()


@pytest.mark.parametrize("length,good", [(107, True), (108, False),
                                         (200, False)])
def test_unix_path_length(superd, length, good):
    path = "/tmp/" + "x" * (length - 5)
    daemon = superd(f"{path} stream unix nowait root internal daytime\n"
                    f"20001 {DAY}")
    assert os.path.exists(path) == good
    assert ("at most 107 bytes" in daemon.read_log()) != good


def test_a_socket_that_is_taken_is_one_line(superd):
    with socket.create_server(("127.0.0.1", 20001)):
        daemon = superd(f"20001 {DAY}20002 {DAY}20003 stream tcp nowait "
                        "nosuch /bin/cat cat\n")
        lines = [line for line in daemon.read_log().splitlines()
                 if "20001" in line]
        assert len(lines) == 1 and lines[0].endswith(
            "inetd.conf:1:1: error: service 20001/tcp: cannot bind "
            "0.0.0.0:20001, retrying: Address already in use")
        assert "ready: 1 of 3 services, 0 children" in daemon.log
        assert daemon.status()["services"][0]["state"] == "failed"
    daemon.wait_log(r"bound 20001/tcp 0.0.0.0:20001", 12)


@pytest.mark.parametrize("args", [[], ["--strict"]])
def test_a_start_that_gives_up_does_not_say_that_it_retries(superd, args):
    with contextlib.ExitStack() as stack:
        conf = ""
        for port in range(20001, 20004):
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
            conf += f"{port} stream tcp4 nowait root internal daytime\n"
        daemon = superd(conf, args=args, ready=False)
        daemon.ended(10, expect=1)
    lines = daemon.read_log().splitlines()
    assert len(lines) == 4 and "not started" in lines[-1]
    assert all(line.endswith(": Address already in use")
               for line in lines[:-1])
    assert "retrying" not in daemon.log


def test_a_reload_tells_one_line_for_a_socket_that_is_taken(superd):
    daemon = superd(f"20001 {DAY}")
    with socket.create_server(("127.0.0.1", 20002)):
        code, text = daemon.reload(f"20001 {DAY}20002 {DAY}")
        assert code == 3
        assert text.count("cannot bind 0.0.0.0:20002, retrying: Address "
                          "already in use") == 1
        assert "cannot bind" not in daemon.reload()[1]   # as it was
        lines = re.findall(".*cannot bind.*", daemon.read_log())
        assert len(lines) <= 1
        code, text = daemon.reload(f"20002 {DAY}")
    wait_for(lambda: daemon.service("20002/tcp")["state"] == "listening", 12)


# root would raise the limit
FEW = ["prlimit", "--nofile=1000:1000", "setpriv", "--bounding-set",
       "-sys_resource", "--inh-caps", "-sys_resource"]


@pytest.mark.root
def test_a_shortage_of_descriptors_is_one_line_with_its_number(superd):
    conf = "".join(f"{port} stream tcp4 nowait root internal daytime\n"
                   for port in range(20000, 23000))
    daemon = superd(conf, starter=FEW)
    served = int(re.search(r"ready: (\d+) of 3000 services, 0 children",
                           daemon.read_log())[1])
    assert 500 < served < 1000
    assert tcp(20000)
    lines = daemon.log.splitlines()
    assert len(lines) == 3
    assert "warning: 3256 descriptors are needed, but only 1000 are allowed" in \
        lines[0]
    assert re.search(rf"error: service \S+ and those that follow: cannot "
                     rf"bind {3000 - served} sockets, retrying: Too many "
                     "open files", lines[1])
    code, text = daemon.reload()
    assert "cannot bind" not in text
    failed = sum(one["state"] == "failed"
                 for one in daemon.status()["services"])
    assert failed == 3000 - served


@pytest.mark.root
def test_the_check_warns_of_more_sockets_than_descriptors(tmp_path):
    path = tmp_path / "inetd.conf"
    path.write_text("".join(f"{port} {DAY}" for port in range(20000, 21000)))

    def check(*starter):
        return subprocess.run([*starter, SUPERD, "-t", path],
                              capture_output=True, text=True, check=True)

    assert "2256 descriptors are needed, but only 1000 are allowed" in \
        check(*FEW).stderr
    assert check("prlimit", "--nofile=4000:4000").stderr.endswith(
        "0 errors, 0 warnings\n")


@pytest.mark.root
def test_raw_socket_is_handed_to_a_wait_server(superd, tmp_path):
    daemon = superd(f"icmp raw icmp wait root {probe('probe')} probe\n")
    udp(20099, timeout=0)       # the kernel answers by ICMP
    wait_for(lambda: daemon.service("icmp/icmp")["started"] >= 1)


@pytest.mark.root
def test_raw_ipv6_socket_is_handed_to_a_wait_server(superd):
    """one that does not answer: that would wake it again"""
    daemon = superd("ipv6-icmp raw ipv6-icmp wait root /bin/dd "
                    "dd count=1 of=/dev/null status=none\n")
    udp(20099, host="::1", timeout=0)
    wait_for(lambda: daemon.service("ipv6-icmp/ipv6-icmp")["started"] >= 1)


@pytest.mark.parametrize("file,text", [
    ("inetd.conf", "7001 rdm icmp wait root /bin/cat cat\n"),
    ("inetd.conf", "/run/rdm rdm unix wait root /bin/cat cat\n"),
    ("superd.conf", 'service a { socket_type = rdm protocol = icmp\n'
     'server = /bin/cat user = root }\n'),
    ("xinetd.conf", "service a\n{\nsocket_type = rdm\nprotocol = icmp\n"
     "type = UNLISTED\nwait = yes\nuser = root\nserver = /bin/cat\n}\n"),
])
def test_socket_type_rdm_is_an_error_of_the_check(tmp_path, file, text):
    """Linux has it for RDS and TIPC alone"""
    path = tmp_path / file
    path.write_text(text)
    done = subprocess.run([SUPERD, "-t", path], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert "error: socket type rdm: Linux has it only for RDS and TIPC" in \
        done.stderr


def test_wait_child_that_outlives_superd_keeps_its_port(superd):
    """the new daemon reports the busy port and gets it later"""
    conf = (f"20001 dgram udp4 wait nobody {probe('serve')} serve 1500\n"
            f"20002 {DAY}")
    first = superd(conf)
    pid = udp(20001)
    first.stop()
    assert udp(20001) == pid
    second = superd(conf)
    assert second.service("20001/udp4")["state"] == "failed"
    wait_for(lambda: second.service("20001/udp4")["state"] == "listening", 12)
    assert udp(20001) != pid


def test_connection_of_a_privileged_client_port(superd):
    """served like any other"""
    superd(f"20001 {DAY}")
    with connect(20001, source=("127.0.0.1", 20)) as s:
        assert s.recv(100)
