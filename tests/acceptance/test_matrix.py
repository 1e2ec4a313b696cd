"""Debian's real servers with real clients, from lines and from stanzas."""

import clients
import pytest
from daemon import DIALECTS, KIND, differs
from house import wait_for
from servers import SERVERS, served

NO_RPC = differs("knows no rpc lines", "inetutils")
NO_IPV6 = differs("a plain line is IPv4 alone", "inetutils")


@pytest.mark.parametrize("server, dialect", served())
def test_server_serves_its_client(house, serve, server, dialect):
    daemon = serve(dialect, server.text(dialect),
                   [server.port] if server.port else [], cwd=server.cwd)
    server.client(house, daemon)


@NO_RPC
@pytest.mark.parametrize("dialect", DIALECTS)
def test_removed_rpc_service_is_withdrawn(house, serve, dialect):
    """the port mapper lists nothing that is not there"""
    health, rstatd = SERVERS["health"], SERVERS["rstatd"]
    daemon = serve(dialect, health.text(dialect) + rstatd.text(dialect),
                   [health.port])
    clients.rstat(house, daemon)
    daemon.reload(health.text(dialect))
    wait_for(lambda: not clients.rpc_versions(house), what="withdrawal")


@NO_RPC
@pytest.mark.parametrize("dialect", DIALECTS)
def test_stopped_daemon_withdraws_its_rpc_services(house, serve, dialect):
    daemon = serve(dialect, SERVERS["rstatd"].text(dialect))
    clients.rstat(house, daemon)
    wait_for(lambda: KIND != "superd" or "registered" in daemon.text(),
             what="registration over IPv6")
    daemon.stop()
    assert clients.rpc_versions(house) == []


@pytest.fixture
def mapper(house):
    """The process id of rpcbind; what it has been told is forgotten later."""
    yield next(pid for pid, (name, _) in house.pids().items()
               if name == "rpcbind")
    house.run("for v in 1 2 3 4 5; do rpcinfo -d 100001 $v; done",
              check=False)


@pytest.mark.skipif(KIND != "superd", reason="the peers block meanwhile")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_stop_during_registration_leaves_nothing(house, serve, mapper,
                                                 dialect):
    """a port mapper that hangs must not be told of a daemon that is gone"""
    house.run(f"kill -STOP {mapper}")
    try:
        daemon = serve(dialect, SERVERS["rstatd"].text(dialect))
        wait_for(lambda: any("libtirpc" in house.maps(pid)
                             for pid in daemon.waiters("superd")),
                 what="a child that registers")
        house.run(f"kill {daemon.pid}")
        wait_for(lambda: daemon.process.poll() is not None, what="its end")
    finally:
        house.run(f"kill -CONT {mapper}")
    daemon.settle()
    assert clients.rpc_versions(house) == []


@pytest.mark.parametrize("dialect", DIALECTS)
@NO_IPV6
def test_line_without_an_address_serves_ipv6_too(house, serve, dialect):
    server = SERVERS["micro-httpd"]
    serve(dialect, server.text(dialect), [server.port])
    page = house.out(f"{clients.CURL} -g 'http://[::1]/index.html'")
    assert page == "<h1>page</h1>\n"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hosts_deny_applies(house, serve, dialect):
    """by tcpd in the line, and for a stanza without any tcpd"""
    server = SERVERS["fingerd"]
    serve(dialect, server.text(dialect), [server.port])
    house.write("/etc/hosts.deny", "in.fingerd: 127.0.0.1\n")
    try:
        denied = house.run("timeout 20 finger alice@127.0.0.1", check=False)
        assert "plan" not in denied.stdout and denied.returncode != 124
        assert "a fine plan" in house.out("finger alice@10.9.9.1")
    finally:
        house.write("/etc/hosts.deny", "")
    clients.finger(house, None)
