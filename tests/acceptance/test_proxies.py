"""haproxy, nginx and curl speak the PROXY protocol with superd, both ways."""

import contextlib
import csv
import io
import re
import socket
import subprocess

import pytest
from daemon import KIND
from house import wait_for

pytestmark = pytest.mark.skipif(KIND != "superd", reason="is about superd")
OURS = "10.9.9.1"

WHO = """#!/bin/sh
echo "$TCPREMOTEIP $TCPREMOTEPORT $TCPLOCALIP $TCPLOCALPORT"
exec cat
"""

PAGE = r"""#!/bin/bash
while read -r line && [ "$line" != $'\r' ]; do :; done
printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s\n' "$TCPREMOTEIP"
"""

SERVICE = """service {name} {{
    listen = "127.0.0.1:{port}"
    server = {server}
    user = nobody
    env_peer = yes
    proxy_protocol = {{v1, v2}}
    proxy_from = {{{proxies}}}
    {more}
}}
"""

REDIRECT = """service {name} {{
    listen = "{ours}:{port}"
    redirect = {{127.0.0.1, {to}}}
    redirect_proxy = {version}
}}
"""

HAPROXY = """global
    stats socket ipv4@127.0.0.1:9999
defaults
    timeout connect 5s
    timeout client 20s
    timeout server 20s
listen one
    bind 10.9.9.1:8001
    server s 127.0.0.1:9001 send-proxy
listen two
    bind 10.9.9.1:8002
    server s 127.0.0.1:9001 send-proxy-v2
listen sum
    bind 10.9.9.1:8003
    server s 127.0.0.1:9001 send-proxy-v2 proxy-v2-options crc32c,unique-id
listen checked
    bind 10.9.9.1:8004
    server s 127.0.0.1:9002 send-proxy-v2 check inter 100ms check-send-proxy
listen checkedone
    bind 10.9.9.1:8005
    server s 127.0.0.1:9002 send-proxy check inter 100ms check-send-proxy
frontend target
    mode http
    bind 127.0.0.1:8100 accept-proxy
    http-request return status 200 content-type text/plain \
lf-string "%[src] %[dst] %[dst_port]"
"""

NGINX = """load_module modules/ngx_stream_module.so;
user nobody nogroup;
pid /run/nginx-test.pid;
error_log stderr;
events {}
stream {
    server {
        listen 10.9.9.1:8011;
        proxy_pass 127.0.0.1:9001;
        proxy_protocol on;
        proxy_half_close on;
    }
    server {
        listen 127.0.0.1:8110 proxy_protocol;
        return $proxy_protocol_addr;
    }
}
"""


@pytest.fixture(scope="module")
def behind(house):
    """The programs, and the proxies of each kind in front of them."""
    for name, text in (("who", WHO), ("page", PAGE)):
        house.write(f"/opt/{name}.sh", text, "755")
    house.write("/etc/haproxy.test", HAPROXY)
    house.write("/etc/nginx.test", NGINX)
    before = set(house.pids())
    with contextlib.ExitStack() as stack:
        for command, port in (("haproxy -db -f /etc/haproxy.test", 8100),
                              ("nginx -g 'daemon off;' -c /etc/nginx.test",
                               8110)):
            process = stack.enter_context(house.start(
                f"exec {command}", stderr=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            wait_for(lambda port=port: house.bound(f"tcp/{port}") or
                     process.poll() is not None, what=command)
            if process.poll() is not None:
                pytest.fail(process.stderr.read())
        yield house
    house.sweep(before)


def service(name, port, server, proxies='"127.0.0.1"', more=""):
    return SERVICE.format(name=name, port=port, server=f"/opt/{server}.sh",
                          proxies=proxies, more=more)


@pytest.fixture
def superd(behind, serve):
    def start(text, *ports):
        return serve("superd", text, [f"tcp/{port}" for port in ports])
    return start


def talk(house, port, data=b"x" * 100000):
    """Our own address, and what the program said of it."""
    with house.inside():
        s = socket.create_connection((OURS, port), 10)
    with s:
        ours = s.getsockname()
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        line, rest = s.makefile("rb").read().split(b"\n", 1)
    assert rest == data
    return ours, line.decode().split()


@pytest.mark.parametrize("port", [8001, 8002, 8003, 8011],
                         ids=["haproxy", "haproxy-v2", "haproxy-crc32c",
                              "nginx"])
def test_program_behind_a_proxy(behind, superd, port):
    superd(service("who", 9001, "who",
                   more=f'only_from = {{"{OURS}"}}'), 9001)
    for _ in range(5):
        ours, told = talk(behind, port)
        assert told == [OURS, str(ours[1]), OURS, str(port)]


def stat(house):
    """show stat of haproxy: {proxy: row of its server}"""
    with house.inside():
        s = socket.create_connection(("127.0.0.1", 9999), 10)
    with s:
        s.sendall(b"show stat\n")
        text = s.makefile("r").read()
    rows = csv.DictReader(io.StringIO(text.removeprefix("# ")))
    return {row["pxname"]: row for row in rows if row["svname"] == "s"}


def is_up(house, name):
    row = stat(house)[name]
    return row["status"] == "UP" and row["check_status"] == "L4OK"


@pytest.mark.parametrize("name,port", [("checked", 8004),
                                       ("checkedone", 8005)])
def test_checks_of_haproxy(behind, superd, name, port):
    """many of them leave the places of clients alone"""
    daemon = superd(service("who", 9002, "who", more="per_source = 1"), 9002)
    wait_for(lambda: is_up(behind, name), what="a check that passes")
    ours, told = talk(behind, port)
    assert told == [OURS, str(ours[1]), OURS, str(port)]
    status = behind.out("superctl show who")
    assert not re.search("per_source: [1-9]", status), status
    daemon.stop()
    wait_for(lambda: "DOWN" in stat(behind)[name]["status"],
             what="a check that fails")


def test_curl(behind, superd):
    superd(service("page", 9001, "page"), 9001)
    for _ in range(3):
        assert behind.out("curl -s --haproxy-protocol "
                          "http://127.0.0.1:9001/") == "127.0.0.1\n"
    # one that says nothing of a client, and another one
    done = behind.run("curl -s http://127.0.0.1:9001/", check=False)
    assert done.returncode != 0


def test_others_are_no_proxies(behind, superd):
    superd(service("who", 9001, "who", proxies='"10.9.9.0/24"'), 9001)
    with behind.inside():
        s = socket.create_connection((OURS, 8001), 10)
    with s:
        s.sendall(b"x")
        with contextlib.suppress(ConnectionResetError):
            assert s.recv(100) == b""


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_superd_is_the_proxy(behind, superd, version):
    superd(REDIRECT.format(name="haproxy", ours=OURS, port=9100, to=8100,
                           version=version) +
           REDIRECT.format(name="nginx", ours=OURS, port=9110, to=8110,
                           version=version), 9100, 9110)
    assert behind.out(f"curl -s http://{OURS}:9100/") == f"{OURS} {OURS} 9100"
    with behind.inside():
        s = socket.create_connection((OURS, 9110), 10)
    with s:
        assert s.makefile("r").read() == OURS
