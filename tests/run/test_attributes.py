"""Attributes of superd.conf(5), as a child or a client sees them."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest
from conftest import (REAL_ROOT, SLOW, State, connect, probe, read_all,
                      refused, tcp, udp, wait_for)

PROBE = probe("probe")


def quoted(value):
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def value_of(value):
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(map(quoted, value)) + "}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return quoted(value)


def service(name="one", **attributes):
    values = {"port": 20001}
    if "internal" not in attributes:
        values.update(server=PROBE, user="nobody")
    values.update(attributes)
    return (f'service "{name}" {{\n' + "".join(
        f"\t{key} = {value_of(value)}\n" for key, value in values.items()
        if value is not None) + "}\n")


@pytest.fixture
def serve(superd):
    """superd with one service, or with this text"""
    def start(text=None, before="", **attributes):
        return superd(before + (text or service(**attributes)),
                      file="superd.conf")
    return start


def state(port=20001, host="127.0.0.1"):
    return State(tcp(port, host=host))


# What the child is.

LIMITS = {      # attribute: (value, its line of /proc/self/limits, soft, hard)
    "rlimit_as": ("200M:300M", "Max address space", 200 << 20, 300 << 20),
    "rlimit_core": ("0:1M", "Max core file size", 0, 1 << 20),
    "rlimit_cpu": ("20s:1m", "Max cpu time", 20, 60),
    "rlimit_data": ("100M", "Max data size", 100 << 20, 100 << 20),
    "rlimit_fsize": ("1k:unlimited", "Max file size", 1024, "unlimited"),
    "rlimit_locks": ("7:9", "Max file locks", 7, 9),
    "rlimit_memlock": ("64k", "Max locked memory", 65536, 65536),
    "rlimit_msgqueue": ("4k:8k", "Max msgqueue size", 4096, 8192),
    "rlimit_nofile": ("33:44", "Max open files", 33, 44),
    "rlimit_nproc": ("5000:6000", "Max processes", 5000, 6000),
    "rlimit_rss": ("1G", "Max resident set", 1 << 30, 1 << 30),
    "rlimit_rttime": ("50000:60000", "Max realtime timeout", 50000, 60000),
    # no more than there is: raising it is not for every root
    "rlimit_nice": ("0:0", "Max nice priority", 0, 0),
    "rlimit_rtprio": ("0:0", "Max realtime priority", 0, 0),
    "rlimit_sigpending": ("11:12", "Max pending signals", 11, 12),
    "rlimit_stack": ("4M:16M", "Max stack size", 4 << 20, 16 << 20),
}


def limit_of(text, line):
    match = re.search(rf"^{line} +(\S+) +(\S+)", text, re.M)
    return tuple(int(x) if x.isdigit() else x for x in match.groups())


@pytest.mark.root
def test_every_resource_limit_has_its_soft_and_hard_value(serve):
    serve(server="/bin/cat", server_args=["/proc/self/limits"],
          **{name: value for name, (value, *_) in LIMITS.items()})
    text = tcp(20001).decode()
    for name, (_, line, soft, hard) in LIMITS.items():
        assert limit_of(text, line) == (soft, hard), name


@pytest.mark.root
def test_limit_of_files_by_its_name_in_xinetd(serve):
    serve(server="/bin/cat", server_args=["/proc/self/limits"],
          rlimit_files=55)
    assert limit_of(tcp(20001).decode(), "Max open files") == (55, 55)


@pytest.mark.root
def test_processor_time_ends_a_server(serve):
    daemon = serve(server="/bin/sh", rlimit_cpu=1,
                   server_args=["-c", "while :; do :; done"],
                   log_on_success=["EXIT"])
    with connect(20001, timeout=30) as s:
        assert read_all(s) == b""
    daemon.wait_log("EXIT: one signal=(9|24)")


@pytest.mark.root
def test_umask_and_nice(serve):
    serve(service(umask="027", nice=4) + service("two", port=20002))
    assert state()["umask"] == "027"
    assert state()["nice"] == str(min(19, os.nice(0) + 4))
    assert state(20002)["umask"] == "022"
    assert state(20002)["nice"] == str(os.nice(0))


@pytest.mark.root
def test_user_group_and_groups(serve, tmp_path, mounts):
    group = tmp_path / "group"
    group.write_text(pathlib.Path("/etc/group").read_text() +
                     "extra:x:7654:nobody\n")
    mounts(group, "/etc/group")
    serve(service() + service("two", port=20002, group="daemon", groups=False)
          + service("three", port=20003, group="daemon")
          + service("root", port=20004, user="root"))
    one = state()
    assert one["uid"] == "65534 65534" and one["gid"] == "65534 65534"
    assert sorted(one["groups"].split()) == ["65534", "7654"]
    two = state(20002)
    assert two["gid"] == "1 1" and two["groups"].split() in ([], ["1"])
    three = state(20003)
    assert three["gid"] == "1 1"
    assert sorted(three["groups"].split()) == ["1", "7654"]
    assert state(20004)["uid"] == "0 0"


@pytest.mark.root
def test_env_and_passenv_and_what_never_passes(superd):
    env = dict(os.environ, KEPT="k", SECRET="s", LD_X="x", NOTIFY_SOCKET="/x")
    superd(service(env=["A=1 2", "B=", "PATH=/x"],
                   passenv=["KEPT", "LD_X", "NOTIFY_SOCKET", "NONE"]) +
           service("two", port=20002) +
           service("three", port=20003, env_all=True), file="superd.conf",
           env=env)
    assert state().env == {"A": "1 2", "B": "", "PATH": "/x", "KEPT": "k"}
    assert list(state(20002).env) == ["PATH"]
    three = state(20003).env
    assert three["SECRET"] == "s" and three["KEPT"] == "k"
    assert "LD_X" not in three and "NOTIFY_SOCKET" not in three


@pytest.mark.root
def test_env_of_user_and_peer(serve):
    serve(service(env_user=True, env_peer=True, env_remote_host=True) +
          service("two", port=20002, env_peer=True))
    with connect(20001) as s:
        port = s.getsockname()[1]
        env = State(read_all(s)).env
    assert env["USER"] == env["LOGNAME"] == "nobody"
    assert env["HOME"] and env["SHELL"]
    assert env["REMOTE_HOST"] == env["REMOTE_ADDR"] == "127.0.0.1"
    assert env["TCPREMOTEIP"] == env["TCPLOCALIP"] == "127.0.0.1"
    assert env["REMOTE_PORT"] == env["TCPREMOTEPORT"] == str(port)
    assert env["TCPLOCALPORT"] == "20001"
    assert env["PROTO"] == "TCP" and "REMOTE_UID" not in env
    env = state(20002, "::1").env
    assert env["TCPREMOTEIP"] == "::1" and "REMOTE_HOST" not in env
    assert "USER" not in env


@pytest.mark.root
def test_env_of_the_peer_of_a_unix_socket(conf, tmp_path):
    """who connected; a server that accepts connections itself finds out
    itself"""
    conf(f"""defaults {{
    env_peer = yes
    user = root
    protocol = unix
    env = {{"REMOTE_PID=0", "PROTO=x"}}
}}
service nowait {{
    listen = "{tmp_path}/nowait"
    server = "{probe('probe')}"
}}
service wait {{
    listen = "{tmp_path}/wait"
    wait = yes
    server = "/bin/sh"
    server_args = {{"-c", 'env > "{tmp_path}/env"; exec "{probe("acc")}"'}}
}}
""")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{tmp_path}/nowait")
        env = State(read_all(s)).env
    assert env["PROTO"] == "UNIX"
    assert env["REMOTE_UID"] == str(os.getuid())
    assert env["REMOTE_GID"] == str(os.getgid())
    assert env["REMOTE_PID"] == str(os.getpid())
    assert "TCPREMOTEIP" not in env and "REMOTE_ADDR" not in env
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{tmp_path}/wait")
        s.sendall(b"x")
        s.shutdown(socket.SHUT_WR)
        read_all(s)
    text = (tmp_path / "env").read_text()
    assert "REMOTE_PID" not in text and "REMOTE_UID" not in text


def make_root(path, program):
    """A root with a program and what it needs."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True,
                          check=True).stdout
    for name in [program] + re.findall(r"(/\S+) \(", text):
        target = path / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, target)


@pytest.mark.root
def test_chroot_and_directory_in_it(serve, tmp_path):
    root = tmp_path / "root"
    make_root(root, "/bin/cat")
    (root / "data").mkdir()
    (root / "data" / "hello").write_text("inside\n")
    (root / "hello").write_text("above\n")
    serve(service(server="/bin/cat", server_args=["hello", "/hello"],
                  chroot=root, directory="/data") +
          service("two", port=20002, server="/bin/cat",
                  server_args=["hello", "/etc/passwd"], chroot=root))
    assert tcp(20001) == b"inside\nabove\n"
    text = tcp(20002).decode()
    assert text.startswith("above\n") and "No such file" in text


@pytest.mark.root
def test_directory(serve, tmp_path):
    serve(service(directory=tmp_path) + service("two", port=20002))
    assert state()["cwd"] == str(tmp_path)
    assert state(20002)["cwd"] == "/"


@pytest.mark.root
def test_directory_that_is_not_there_is_told_and_nobody_is_served(
        serve, tmp_path):
    daemon = serve(directory=tmp_path / "none")
    assert tcp(20001) == b""
    daemon.wait_log("error one pid=.* No such file")


@pytest.mark.root
def test_directory_is_entered_as_the_user(serve, tmp_path):
    """what root may enter and the user may not is no directory for it"""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    daemon = serve(directory=closed)
    assert tcp(20001) == b""
    daemon.wait_log("error one pid=.* Permission denied")


@pytest.mark.root
def test_standard_error_goes_where_it_is_told_to(serve):
    args = ["-c", "echo out; echo err >&2"]
    serve(service(server="/bin/sh", server_args=args) +
          service("two", port=20002, server="/bin/sh", server_args=args,
                  stderr="null"))
    assert tcp(20001) == b"out\nerr\n"
    assert tcp(20002) == b"out\n"


@pytest.mark.root
def test_argv_with_and_without_nameinargs(serve):
    serve(service(server_args=["-a", "b c", ""]) +
          service("two", port=20002, flags=["NAMEINARGS"],
                  server_args=["other", "-x"]))
    assert state().argv == ["probe", "-a", "b c", ""]
    assert state(20002).argv == ["other", "-x"]


# Where it listens.

@pytest.mark.root
def test_listen_at_several_addresses_and_a_range_of_ports(serve, veth):
    serve(port=None, listen=["127.0.0.1:20001", "[2001:db8::1]:20002",
                             "*:20010-20013"])
    assert state()["local"].endswith("127.0.0.1 20001")
    assert state(20002, "2001:db8::1")
    assert refused(20001, "::1") and refused(20002)
    for port in range(20010, 20014):
        for host in ("127.0.0.1", "::1", "192.0.2.1"):
            assert state(port, host)["local"].endswith(f"{host} {port}")
    assert refused(20009) and refused(20014)


@pytest.mark.root
def test_bind_and_port(serve, veth):
    serve(service(bind=["192.0.2.1", "::1"]) +
          service("ftp", port=None, bind="127.0.0.1"))
    assert tcp(20001, host="192.0.2.1") and tcp(20001, host="::1")
    assert refused(20001) and refused(20001, "2001:db8::1")
    assert tcp(21) and refused(21, "192.0.2.1")


@pytest.mark.root
def test_interface_lets_only_its_clients_in(serve, veth):
    serve(interface="v0")
    with veth.peer():
        assert tcp(20001, host="192.0.2.1")
    assert refused(20001)


@pytest.mark.root
@pytest.mark.parametrize("attributes,four,six", [
    ({}, True, True),
    ({"family": "both"}, True, True),
    ({"family": "ipv4"}, True, False),
    ({"family": "ipv6"}, False, True),
    ({"family": "dual"}, True, True),
    ({"v6only": True}, False, True),
    ({"v6only": False}, True, True),
    ({"flags": ["IPv4"]}, True, False),
    ({"protocol": "tcp6"}, False, True),
    ({"protocol": "tcp4"}, True, False),
])
def test_families(serve, attributes, four, six):
    serve(**attributes)
    assert refused(20001) != four and refused(20001, "::1") != six


@pytest.mark.root
def test_backlog_is_that_of_the_service_or_of_all(serve):
    serve(service(backlog=7) + service("two", port=20002), "backlog = 11\n")
    text = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True,
                          check=True).stdout
    queues = {line.split()[3].rsplit(":", 1)[1]: line.split()[2]
              for line in text.splitlines()}
    assert queues["20001"] == "7" and queues["20002"] == "11"


@pytest.mark.root
def test_buffers_of_sockets(serve):
    """the kernel doubles what it is told: socket(7)"""
    serve(rcvbuf="16k", sndbuf=20000)
    assert state().sockopt["rcvbuf"] == 32768
    assert state().sockopt["sndbuf"] == 40000


MORE = {"mark": 7, "tos": "af21", "ttl": 9, "freebind": True,
        "transparent": True, "keepalive_time": "100s",
        "keepalive_interval": "7s", "keepalive_probes": 4,
        "user_timeout": "30s"}


@pytest.mark.root
@pytest.mark.parametrize("protocol,host", [
    ("tcp", "127.0.0.1"), ("tcp6", "127.0.0.1"), ("tcp6", "::1")])
def test_more_options_of_connections(serve, protocol, host):
    """both families of a socket for both"""
    serve(protocol=protocol, defer_accept="5s",
          **({"family": "dual"} if protocol == "tcp6" else {}), **MORE)
    options = State(tcp(20001, b"?", host=host)).sockopt
    assert (options["mark"], options["keepalive"]) == (7, 1)
    assert (options["keepidle"], options["keepintvl"],
            options["keepcnt"]) == (100, 7, 4)
    assert options["user_timeout"] == 30000
    assert options["freebind"] == options["transparent"] == 1
    if protocol == "tcp6":
        assert (options["tclass"], options["hops"]) == (0x48, 9)
    assert (options["tos"], options["ttl"]) == (0x48, 9)


def inode(port):
    """of the listening socket"""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    one, = [row[9] for row in rows
            if row[1].endswith(f":{port:04X}") and row[3] == "0A"]
    return one


@pytest.mark.root
def test_socket_options_follow_a_reload(serve):
    daemon = serve(ttl=9, tos=4)
    held = inode(20001)
    daemon.write(service(ttl=11, tos=4, user_timeout="5s"))
    daemon.reload()
    options = state().sockopt
    assert (options["ttl"], options["user_timeout"]) == (11, 5000)
    assert inode(20001) == held
    daemon.write(service(tos=4))
    daemon.reload()
    options = state().sockopt
    assert (options["ttl"], options["tos"], options["user_timeout"]) == (
        64, 4, 0)
    assert inode(20001) != held


@pytest.mark.root
def test_an_address_that_is_not_here_yet_is_bound(serve, veth):
    """and a client comes to it once it is"""
    serve(service(bind="192.0.2.77", freebind=True))
    subprocess.run(["ip", "address", "add", "192.0.2.77/32", "dev", "lo"],
                   check=True)
    assert tcp(20001, host="192.0.2.77")


@pytest.mark.root
def test_a_client_that_has_not_spoken_starts_nothing(serve):
    daemon = serve(defer_accept="60s")
    with socket.create_connection(("127.0.0.1", 20001)) as one:
        assert tcp(20001, b"?")
        assert daemon.service("one")["accepted"] == 1
        one.sendall(b"?")
        assert one.recv(1)


@pytest.mark.root
def test_options_of_connections(serve):
    serve(service(flags=["NODELAY", "KEEPALIVE"]) +
          service("two", port=20002))
    options = state().sockopt
    assert options["nodelay"] == 1 and options["keepalive"] == 1
    options = state(20002).sockopt
    assert options["nodelay"] == 0 and options["keepalive"] == 0


@pytest.mark.root
def test_options_of_connections_come_and_go_with_a_reload(serve):
    """on the socket that stays"""
    def set_now():
        options = state().sockopt
        return options["nodelay"], options["keepalive"]

    flags = service(flags=["NODELAY", "KEEPALIVE"])
    daemon = serve(service())
    assert set_now() == (0, 0)
    daemon.reload(flags)
    assert set_now() == (1, 1)
    daemon.reload(service())
    assert set_now() == (0, 0)


@pytest.mark.root
def test_unix_sockets_with_their_owner_and_an_abstract_one(serve, tmp_path):
    path = tmp_path / "x.sock"
    serve(service(port=None, listen=path, socket_mode="0640",
                  socket_user="nobody", socket_group="daemon") +
          service("two", port=None, listen=f"@superd-{os.getpid()}"))
    stat = path.stat()
    assert stat.st_mode & 0o777 == 0o640
    assert (stat.st_uid, stat.st_gid) == (65534, 1)
    for name in (str(path), f"\0superd-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(name)
            assert State(read_all(s)).argv == ["probe"]


@pytest.mark.root
def test_protocol_and_wait_are_guessed(serve):
    serve(service("tftp/udp", port=20001, server=probe("once")) +
          service("two", port=20002, protocol="udp", socket_type="dgram",
                  server=PROBE))
    assert re.search(rb"\d+", udp(20001))
    assert State(udp(20002)).sockopt["type"] == socket.SOCK_DGRAM


def test_internal_service_on_another_port(serve):
    serve(service(internal="daytime", flags=["NOLIBWRAP"]) +
          service("echo", port=20002, type=["INTERNAL"]))
    assert re.match(rb"\w{3} \w{3} +\d", tcp(20001))


@pytest.mark.root
def test_tcpmux_of_superd_conf(serve):
    serve(service("mux", internal="tcpmux") +
          service("plain", port=None, type=["TCPMUX"]) +
          service("plus", port=None, type=["TCPMUXPLUS"]))
    assert State(tcp(20001, b"plain\r\n")).argv == ["probe"]
    assert tcp(20001, b"plus\r\n").startswith(b"+")
    assert tcp(20001, b"other\r\n").startswith(b"-")


def test_disabled_section_is_not_served(serve):
    daemon = serve(service(internal="daytime") +
                   service("two", port=20002, server="/nonexistent",
                           user="nosuch", disable=True))
    assert tcp(20001) and refused(20002)
    assert daemon.service("two") is None


def test_defaults_hold_for_services_that_say_nothing(serve):
    serve('defaults {\n\tonly_from = {10.0.0.0/8}\n}\n' +
          service(internal="daytime") +
          service("two", port=20002, internal="daytime",
                  only_from=["127.0.0.1"]) +
          service("three", port=20003, internal="daytime").replace(
              "}\n", "\tonly_from += {127.0.0.1}\n}\n"))
    assert tcp(20001) == b"" and tcp(20002) and tcp(20003)


# Who is served.

@pytest.fixture
def names(tmp_path, mounts):
    """friend.example.org is this host, and trusted.example.org another."""
    if not REAL_ROOT:
        pytest.skip("needs the real root")
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 friend.example.org friend\n"
                     "192.0.2.9 trusted.example.org\n")
    nss = tmp_path / "nss"
    nss.write_text("hosts: files\npasswd: files\ngroup: files\n"
                   "services: files\nprotocols: files\nnetworks: files\n")
    networks = tmp_path / "networks"
    networks.write_text("mynet 127.0.0.0\n")
    if not os.path.exists("/etc/networks"):
        pathlib.Path("/etc/networks").write_text("")
    mounts(hosts, "/etc/hosts")
    mounts(nss, "/etc/nsswitch.conf")
    mounts(networks, "/etc/networks")
    return hosts


FORMS = {       # form: (matches 127.0.0.1, does not)
    "address": ("127.0.0.1", "127.0.0.2"),
    "zeros": ("127.0.0.0", "128.0.0.0"),
    "factors": ("127.0.0.{1,7}", "127.0.0.{2,7}"),
    "prefix": ("127.0.0.0/30", "127.0.0.4/30"),
    "host": ("friend.example.org", "trusted.example.org"),
    "domain": (".example.org", ".example.net"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_addresses(serve, names, form):
    match, other = FORMS[form]
    serve(service(internal="daytime", only_from=[match]) +
          service("two", port=20002, internal="daytime",
                  only_from=[other]) +
          service("three", port=20003, internal="daytime",
                  no_access=[match]) +
          service("four", port=20004, internal="daytime",
                  no_access=[other]))
    assert tcp(20001) and not tcp(20002)
    assert not tcp(20003) and tcp(20004)


@pytest.mark.parametrize("match,other", [
    ("::1", "::2"), ("::1/128", "2001:db8::/32"), ("::", "2001:db8::1")])
def test_forms_of_ipv6_addresses(serve, match, other):
    serve(service(internal="daytime", only_from=[match]) +
          service("two", port=20002, internal="daytime",
                  only_from=[other]) +
          service("three", port=20003, internal="daytime",
                  no_access=[match]))
    assert tcp(20001, host="::1") and not tcp(20002, host="::1")
    assert not tcp(20003, host="::1")
    assert not tcp(20001)       # and no IPv4 by it


def test_name_of_a_network(superd, names):
    body = ("type = UNLISTED\nsocket_type = stream\nwait = no\n"
            "user = nobody\nserver = " + PROBE + "\nflags = NOLIBWRAP\n")
    superd(f"service a\n{{\n{body}port = 20001\nonly_from = mynet\n}}\n"
           f"service b\n{{\n{body}port = 20002\nno_access = mynet\n}}\n",
           file="xinetd.conf")
    assert tcp(20001) and not tcp(20002)


class NameServer(threading.Thread):
    """What anybody may say about their own addresses: RFC 1035."""

    def __init__(self, answers):
        super().__init__(daemon=True)
        self.answers = answers
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    @staticmethod
    def encoded(text):
        return b"".join(bytes([len(part)]) + part.encode()
                        for part in text.split(".")) + b"\0"

    def answer(self, query):
        end = query.index(b"\0", 12) + 1
        kind = {1: "A", 12: "PTR"}.get(
            int.from_bytes(query[end:end + 2], "big"))
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        found = self.answers.get((kind, ".".join(labels).lower()))
        head = query[:2] + b"\x81\x80\0\1" + bytes([0, bool(found)]) + \
            b"\0\0\0\0" + query[12:end + 4]
        if found is None:
            return head
        data = socket.inet_aton(found) if kind == "A" else self.encoded(found)
        return head + b"\xc0\x0c" + query[end:end + 4] + \
            b"\0\0\0\x3c" + len(data).to_bytes(2, "big") + data

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                query, client = self.socket.recvfrom(512)
                if not query:
                    return
                self.socket.sendto(self.answer(query), client)


@pytest.fixture
def zone(tmp_path, mounts):
    """The names that addresses have, and the addresses that names have."""
    answers = {}
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"),
                       ("nsswitch.conf", "hosts: dns\npasswd: files\n"
                        "group: files\nservices: files\n"
                        "protocols: files\n")):
        path = tmp_path / name
        path.write_text(text)
        mounts(path, f"/etc/{name}")
    server = NameServer(answers)
    server.start()
    yield answers
    with contextlib.suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
    server.join()       # or the mounts could not be undone: setns(2)
    server.socket.close()


@pytest.mark.root
@pytest.mark.parametrize("address,served", [
    ("192.0.2.2", True), ("192.0.2.9", False), (None, False)])
def test_name_counts_only_if_it_resolves_both_ways(serve, zone, veth, address,
                                                   served):
    """CVE-2000-0536: whoever owns an address may say any name for it"""
    zone["PTR", "2.2.0.192.in-addr.arpa"] = "trusted.example.org"
    if address is not None:
        zone["A", "trusted.example.org"] = address
    daemon = serve(
        service(internal="daytime", only_from=["trusted.example.org"]) +
        service("two", port=20002, internal="daytime",
                only_from=[".example.org"]) +
        service("three", port=20003, internal="daytime",
                no_access=["nobody.example.org"]))
    with veth.peer():
        assert bool(tcp(20001, host="192.0.2.1", timeout=30)) == served
        assert bool(tcp(20002, host="192.0.2.1", timeout=30)) == served
        # who has no name that counts may be the one that is kept out
        assert bool(tcp(20003, host="192.0.2.1", timeout=30)) == served
    wait_for(lambda: sum(one["refused"]["access"] for one in
                         daemon.status()["services"]) == 3 * (not served))


def minutes(offset):
    then = time.localtime(time.time() + offset * 60)
    return f"{then.tm_hour}:{then.tm_min:02}"


def day(offset):
    """of the week, in an hour that is not cut by midnight"""
    return time.strftime("%a", time.localtime(time.time() + offset * 86400))


def test_access_times_on_days_and_in_zones(serve):
    utc = time.gmtime()
    here = f"{utc.tm_hour}:00-{(utc.tm_hour + 1) % 24}:59"
    there = f"{(utc.tm_hour + 5) % 24}:00-{(utc.tm_hour + 6) % 24}:59"
    daemon = serve(
        service(internal="daytime",
                access_times=[f"{day(-1)}-{day(1)} 0:00-24:00"]) +
        service("two", port=20002, internal="daytime",
                access_times=[f"{day(2)}-{day(4)} 0:00-24:00"]) +
        service("three", port=20003, internal="daytime",
                access_times=[f"{here} UTC"]) +
        service("four", port=20004, internal="daytime",
                access_times=[f"{there} UTC"]) +
        service("five", port=20005, internal="daytime",
                access_times=[f"{there} Etc/GMT-5"]))
    assert tcp(20001) and tcp(20003) and tcp(20005)
    assert tcp(20002) == b"" and tcp(20004) == b""
    assert daemon.service("two")["refused"]["time"] == 1


def test_access_times_with_and_without_now(serve):
    """also across midnight, wherever that is"""
    daemon = serve(
        service(internal="daytime",
                access_times=[f"{minutes(-5)}-{minutes(10)}"]) +
        service("two", port=20002, internal="daytime",
                access_times=[f"{minutes(60)}-{minutes(120)}"]) +
        service("three", port=20003, internal="daytime",
                access_times=[f"{minutes(60)}-{minutes(120)}",
                              f"{minutes(-60)}-{minutes(10)}"]) +
        service("four", port=20004, internal="daytime",
                access_times=[f"{minutes(10)}-{minutes(-10)}"]))
    assert tcp(20001) and tcp(20003)
    assert tcp(20002) == b"" and tcp(20004) == b""
    assert daemon.service("two")["refused"]["time"] == 1


def test_max_load(serve):
    daemon = serve(service(internal="daytime", max_load="100000") +
                   service("two", port=20002, internal="daytime",
                           max_load="0.005"))
    assert tcp(20001)
    idle = os.getloadavg()[0] < 0.005
    assert bool(tcp(20002)) == idle
    assert daemon.service("two")["refused"]["load"] == (not idle)


@pytest.mark.root
def test_per_source_counts_each_address(serve, veth):
    daemon = serve(server=probe("hold"), per_source=1)
    with connect(20001) as s:
        assert s.recv(100)
        assert tcp(20001) == b""
        with veth.peer():
            with connect(20001, "192.0.2.1") as other:
                assert other.recv(100)
    assert daemon.service("one")["refused"]["per_source"] == 1


@pytest.mark.root
def test_excess_above_instances_queues_or_is_refused(serve):
    daemon = serve(
        service(server=probe("hold"), instances=1) +
        service("two", port=20002, server=probe("hold"), instances=1,
                excess="refuse"))
    with connect(20002) as s:
        assert s.recv(100)
        assert tcp(20002) == b""
    assert daemon.service("two")["refused"]["instances"] == 1
    first = connect(20001)
    assert first.recv(100)
    with connect(20001) as second:
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(100)
        first.close()
        second.settimeout(5 * SLOW)
        assert second.recv(100)


@pytest.mark.root
@pytest.mark.parametrize("excess", ["queue", "refuse"])
def test_cps_queues_whatever_happens_above_instances(serve, excess):
    daemon = serve(cps=["5", "1s"], excess=excess, instances=50)
    start = time.monotonic()
    assert all(tcp(20001) for _ in range(10))
    assert time.monotonic() - start > 0.8
    assert sum(daemon.service("one")["refused"].values()) == 0


@pytest.mark.root
def test_longest_pause_bounds_a_slow_rate(serve):
    serve(rate="1/1h", max_pause="1s")
    start = time.monotonic()
    assert tcp(20001) and tcp(20001)
    assert 0.5 < time.monotonic() - start < 20 * SLOW


@pytest.mark.root
def test_source_rate_refuses_its_source_alone(serve, veth):
    daemon = serve(source_rate="2/1h")
    assert tcp(20001) and tcp(20001) and tcp(20001) == b""
    with veth.peer():
        assert tcp(20001, host="192.0.2.1")
    assert daemon.service("one")["refused"]["source_rate"] == 1


@pytest.mark.root
def test_unlimited_lifts_what_is_set_for_all(serve):
    serve(service(server=probe("hold"), instances="unlimited") +
          service("two", port=20002, server=probe("hold")),
          "instances = 1\n")
    held = [connect(20001) for _ in range(5)]
    assert all(s.recv(100) for s in held)
    with connect(20002) as s, connect(20002) as waits:
        assert s.recv(100)
        waits.settimeout(0.2)
        with pytest.raises(TimeoutError):
            waits.recv(100)
    for s in held:
        s.close()


# Banners.

@pytest.fixture
def banners(tmp_path):
    paths = {}
    for name in ("banner", "banner_success", "banner_fail"):
        paths[name] = tmp_path / name
        paths[name].write_text(name + "\n")
    return paths


@pytest.mark.root
def test_banners_of_those_who_are_served(serve, banners):
    serve(server="/bin/echo", server_args=["hello"], **banners)
    assert tcp(20001) == b"banner\nbanner_success\nhello\n"


@pytest.mark.root
@pytest.mark.parametrize("attributes", [
    {"only_from": ["10.0.0.1"]}, {"only_from": ["nosuch.example.org"]},
    {"no_access": ["127.0.0.1"]}, {"access_times": "now"},
    {"source_rate": "1/1h"}])
def test_banners_of_those_who_are_refused(serve, banners, names, attributes):
    if "access_times" in attributes:
        attributes = {"access_times": [f"{minutes(60)}-{minutes(90)}"]}
    serve(server="/bin/echo", server_args=["hello"], **banners, **attributes)
    if "source_rate" in attributes:
        assert tcp(20001).endswith(b"hello\n")
    assert tcp(20001) == b"banner\nbanner_fail\n"


@pytest.mark.root
def test_banner_of_those_who_are_too_many(serve, banners):
    serve(server=probe("hold"), instances=1, excess="refuse", **banners)
    with connect(20001) as s:
        assert s.recv(7) == b"banner\n"
        wait_for(lambda: tcp(20001) == b"banner\nbanner_fail\n")


def test_banners_of_internal_services(serve, banners):
    serve(internal="daytime", **banners)
    assert re.match(rb"banner\nbanner_success\n\w{3} ", tcp(20001))


def test_banner_is_sent_as_it_is(serve, tmp_path):
    path = tmp_path / "b"
    path.write_bytes(b"a\0b\xff\r\n")
    serve(internal="daytime", banner=path)
    assert tcp(20001).startswith(b"a\0b\xff\r\n")


def test_banner_that_is_too_long_is_cut_and_told(serve, tmp_path):
    path = tmp_path / "b"
    path.write_bytes(b"x" * 8192 + b"y")
    daemon = serve(internal="daytime", banner=path)
    daemon.wait_log("banner .* truncated to 8192 bytes")
    assert tcp(20001).count(b"x") == 8192


def test_banner_that_is_not_there_is_told_and_its_service_served(serve,
                                                                 tmp_path):
    daemon = serve(internal="daytime", banner=tmp_path / "none")
    daemon.wait_log("warning: banner .*: No such file")
    assert tcp(20001)


# Lists of ids, of xinetd.

def entry(name, port):
    return (f"service {name}\n{{\n type = UNLISTED\n port = {port}\n"
            f" socket_type = stream\n wait = no\n user = nobody\n"
            f" server = {PROBE}\n flags = NOLIBWRAP\n}}\n")


@pytest.mark.root
@pytest.mark.parametrize("lists,served", [
    ("", "abc"), ("enabled = a b\n", "ab"), ("disabled = a\n", "bc"),
    ("enabled = a b\ndisabled = b c\n", "a"), ("enabled =\n", ""),
    ("enabled = a\nenabled += c\n", "ac"),
    ("disabled = a b\ndisabled -= b\n", "bc")])
def test_lists_of_enabled_and_disabled_ids(superd, lists, served):
    superd(f"defaults\n{{\n{lists}}}\n" + entry("a", 20001) +
           entry("b", 20002) + entry("c", 20003), file="xinetd.conf")
    for name, port in (("a", 20001), ("b", 20002), ("c", 20003)):
        assert refused(port) == (name not in served), name
