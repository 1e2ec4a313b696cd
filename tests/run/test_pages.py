"""The pages services and servers: what listens, and who is served."""

import contextlib
import os
import signal
import socket
import subprocess
import time

import pytest
from conftest import (SLOW, SUPERD, check_no_rights, connect, many_files,
                      probe, read_all, reset, tcp, wait_for)

# with little room for what nobody reads
PAGES = """\
20098 stream tcp,sndbuf=4096 nowait root internal services
20099 stream tcp nowait root internal servers
"""


def many(count):
    return "".join(f"127.0.0.1:{port} stream tcp4 nowait root internal "
                   "daytime\n" for port in range(21000, 21000 + count)) + PAGES


# the page of SOME has more than there is room for in the kernel
MANY, SOME = many(2000), many(600)


def unread(port):
    """A client with a small window that takes nothing."""
    s = socket.socket()
    s.settimeout(5 * SLOW)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", port))
    return s


def entry(name, port, **attributes):
    values = {"type": "INTERNAL UNLISTED", "port": port,
              "socket_type": "stream", "protocol": "tcp", "wait": "no",
              "user": "root", "flags": "NOLIBWRAP"}
    values.update(attributes)
    body = "".join(f"\t{key} = {value}\n" for key, value in values.items())
    return f"service {name}\n{{\n{body}}}\n"


def lines(port, host="127.0.0.1"):
    return [line.split() for line in tcp(port, host=host).decode().splitlines()]


@pytest.mark.root
def test_services_have_protocol_port_and_address(superd, tmp_path):
    superd("20098 stream tcp nowait root internal services\n"
           "20001 stream tcp4 nowait nobody /bin/cat cat\n"
           "127.0.0.1:20002 dgram udp4 wait nobody /bin/cat cat\n"
           f"{tmp_path}/x.sock stream unix nowait nobody /bin/cat cat\n")
    page = lines(20098)
    assert ["20001/tcp4", "tcp", "20001", "0.0.0.0"] in page
    assert ["127.0.0.1:20002/udp4", "udp", "20002", "127.0.0.1"] in page
    assert [f"{tmp_path}/x.sock/unix", "unix", "-",
            f"{tmp_path}/x.sock"] in page
    assert ["20098/tcp", "tcp", "20098", "0.0.0.0"] in page
    assert ["20098/tcp", "tcp", "20098", "::"] in page
    assert len(page) == 5


@pytest.mark.root
def test_servers_have_pid_age_and_client(superd):
    daemon = superd("20099 stream tcp nowait root internal servers\n"
                    f"20001 stream tcp nowait nobody {probe('hold')} hold\n")
    wait_for(lambda: lines(20099) == [])
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        peer = "%s:%d" % s.getsockname()
        pids = [child["pid"] for child in
                daemon.service("20001/tcp")["children"]]
        # the one that wrote the last page may just have ended
        page = wait_for(lambda: [line for line in lines(20099)
                                 if line[0] == "20001/tcp"])
        assert [line[:2] + line[3:] for line in page] == [
            ["20001/tcp", str(pids[0]), peer]]
        assert int(page[0][2]) < 60 * SLOW
    wait_for(lambda: lines(20099) == [], what="the end of the server")


@pytest.mark.root
def test_pages_of_xinetd_on_the_ports_of_its_sample_files(superd):
    daemon = superd(entry("services", 9098) + entry("servers", 9099),
                    file="xinetd.conf")
    assert ["servers", "tcp", "9099", "0.0.0.0"] in lines(9098)
    # the one that wrote that page may just have ended
    wait_for(lambda: lines(9099) == [])
    assert daemon.service("services")["started"] == 1


@pytest.mark.root
@pytest.mark.parametrize("conf,file", [
    (PAGES, "inetd.conf"),
    (entry("services", 20098) + entry("servers", 20099), "xinetd.conf"),
    ('service "services" { internal = services\n port = 20098 }\n'
     'service "servers" { internal = servers\n port = 20099 }\n',
     "superd.conf"),
])
def test_pages_are_for_this_host(superd, veth, conf, file):
    daemon = superd(conf, file=file)
    with veth.peer():
        for host in ("192.0.2.1", "2001:db8::1"):
            assert tcp(20098, host=host) == b""
            assert tcp(20099, host=host) == b""
    for host in ("127.0.0.1", "::1"):
        assert lines(20098, host)
    wait_for(lambda: sum(service["refused"]["access"] for service in
                         daemon.status()["services"]) == 4)


@pytest.mark.root
def test_pages_are_for_whom_only_from_says(superd, veth):
    superd(entry("services", 20098, only_from="192.0.2.0"),
           file="xinetd.conf")
    with veth.peer():
        assert lines(20098, "192.0.2.1")
    assert tcp(20098) == b""


@pytest.mark.root
def test_what_no_access_closes_stays_closed(superd):
    """the better match must not be one that nobody wrote"""
    superd(entry("services", 20098, no_access="0.0.0.0"), file="xinetd.conf")
    assert tcp(20098) == b"" and lines(20098, "::1")


@pytest.mark.root
def test_page_on_a_unix_socket_asks_for_no_address(superd, tmp_path):
    path = str(tmp_path / "services.sock")
    superd(f'service "services" {{ internal = services\n listen = {path} }}\n',
           file="superd.conf")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        assert path.encode() in read_all(s)


@pytest.mark.root
def test_page_of_many_services_holds_nobody_who_does_not_read(superd):
    """thousands of lines, and a client that takes none of them"""
    daemon = superd(MANY)
    with unread(20098) as s:
        wait_for(lambda: daemon.service("20098/tcp")["children"])
        start = time.monotonic()
        assert tcp(21000)
        assert time.monotonic() - start < 2 * SLOW
        assert len(lines(20098)) == 2004
        assert daemon.service("20098/tcp")["children"]
        # and it gets all of it in the end
        assert read_all(s).count(b"\n") == 2004


@pytest.mark.root
def test_page_is_sent_without_privileges(superd):
    daemon = superd(SOME)
    with unread(20098):
        child = wait_for(
            lambda: daemon.service("20098/tcp")["children"])[0]["pid"]
        check_no_rights(child)
        assert [one["pid"] for one in daemon.status()["workers"]] == [child]


@pytest.mark.root
def test_clients_of_a_page_have_no_process_each(superd):
    """however slowly they take it"""
    daemon = superd(SOME)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(unread(20098)) for _ in range(40)]
        wait_for(lambda: daemon.status()["children"] == 40)
        worker, = daemon.status()["workers"]
        wait_for(lambda: daemon.child_pids() == [worker["pid"]],
                 what="the end of the one who writes")
        for s in clients:
            assert read_all(s).count(b"\n") == 604
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.root
def test_clients_who_come_together_get_the_same_page(superd):
    """it is written once for all who wait for it"""
    daemon = superd(SOME)
    os.kill(daemon.pid, signal.SIGSTOP)
    with contextlib.ExitStack() as stack, many_files(300):
        clients = [stack.enter_context(connect(20098)) for _ in range(200)]
        os.kill(daemon.pid, signal.SIGCONT)
        pages = {read_all(s) for s in clients}
    page, = pages
    assert page.count(b"\n") == 604
    wait_for(lambda: daemon.status()["children"] == 0)
    daemon.check_at_rest()


@pytest.mark.root
def test_page_that_cannot_be_written_is_none(superd):
    """its clients do not wait for ever, and superd says why"""
    daemon = superd(SOME, starter=["prlimit", "--fsize=16384:"])
    assert tcp(20098) == b""
    daemon.wait_log("error services pid=[0-9]+ signal=")
    # what is short enough is written
    assert tcp(20099) == b""
    assert tcp(21000)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("20098/tcp")["failed"] == 1


@pytest.mark.root
def test_client_that_leaves_waits_for_no_page(superd):
    daemon = superd(SOME)
    os.kill(daemon.pid, signal.SIGSTOP)
    for _ in range(20):
        with connect(20098) as s:
            reset(s)
    os.kill(daemon.pid, signal.SIGCONT)
    assert len(lines(20098)) == 604
    wait_for(lambda: daemon.status()["children"] == 0)
    daemon.check_at_rest()


@pytest.mark.root
def test_reload_while_clients_wait_for_a_page(superd):
    """each gets one, of before or after it"""
    daemon = superd(SOME)
    for text in (SOME + "20001 stream tcp nowait nobody /bin/cat cat\n", SOME):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(connect(20098))
                       for _ in range(20)]
            assert daemon.reload(text)[0] == 0
            for s in clients:
                assert read_all(s).count(b"\n") in (604, 606)


def check(path, text, option):
    path.write_text(text)
    return subprocess.run([SUPERD, option, path], capture_output=True,
                          text=True)


def printed(path, text):
    done = check(path, text, "-T")
    assert done.returncode == 0, done.stderr
    return "".join(line + "\n" for line in done.stdout.splitlines()
                   if not line.startswith("#"))


def test_pages_are_streams_only(tmp_path):
    done = check(tmp_path / "c",
                 "20098 dgram udp wait root internal services\n", "-t")
    assert done.returncode == 1
    assert "no internal service services" in done.stderr


@pytest.mark.parametrize("text", [
    PAGES, entry("servers", 20099),
    'service "x" { internal = servers\n port = 20099 }\n'])
def test_pages_are_printed_as_they_are_meant(tmp_path, text):
    once = printed(tmp_path / "c", text)
    assert '"127.0.0.0/8", "::1"' in once
    assert printed(tmp_path / "d", once) == once
