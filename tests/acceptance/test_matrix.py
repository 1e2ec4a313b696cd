"""Debian's real servers with real clients, from lines and from stanzas."""

import clients
import pytest
from daemon import DIALECTS, differs
from house import wait_for
from servers import SERVERS, served

NO_IPV6 = differs("a plain line is IPv4 alone", "inetutils")


@pytest.mark.parametrize("server, dialect", served())
def test_server_serves_its_client(house, serve, server, dialect):
    daemon = serve(dialect, server.text(dialect),
                   [server.port] if server.port else [], cwd=server.cwd)
    server.client(house, daemon)


@differs("knows no rpc lines", "inetutils")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_removed_rpc_service_is_withdrawn(house, serve, dialect):
    """the port mapper lists nothing that is not there"""
    health, rstatd = SERVERS["health"], SERVERS["rstatd"]
    daemon = serve(dialect, health.text(dialect) + rstatd.text(dialect),
                   [health.port])
    clients.rstat(house, daemon)
    daemon.reload(health.text(dialect))
    wait_for(lambda: not clients.rpc_versions(house), what="withdrawal")


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
