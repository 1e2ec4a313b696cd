"""What others wrote is read without rights: every process of superd's that
has uid 0, seen by strace."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess

import pytest
from conftest import (SLOW, SUPERD, WRAPPER, connect, probe, read_all, tcp,
                      udp, udp_socket, wait_for)
from test_ident import OURS, PEER, identd    # noqa: F401
from test_lent import elsewhen
from test_rpc import no_rpcbind, rpcbind    # noqa: F401

# by the name of the call: is its first argument the descriptor?
READS = ("read", "readv", "pread64", "preadv", "preadv2", "recvfrom",
         "recvmsg", "recvmmsg", "splice", "sendfile")
CALLS = (*READS, "connect", "sendto", "sendmsg", "sendmmsg", "setuid",
         "setreuid", "setresuid", "execve", "execveat", "fork", "vfork",
         "clone", "clone3")
FORKS = ("fork", "vfork", "clone", "clone3")

LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
# of unix sockets those with the path of a service: superd's own pairs have
# none, and the words of the control socket are root's to read
SOCKET = re.compile(r'\d+<(?:TCP|UDP|UNIX[-A-Z]*:\[[^]"]*"(?![^"]*/control"))')
DATAGRAMS = re.compile(r"\d+<(?:UDP|UNIX-DGRAM)")
ASKED = re.compile(r"sin6?_port=htons\((53|113)\)")


class Trace:
    """What the processes that strace -ff has written down did as root."""

    def __init__(self, path, first):
        self.path = path
        self.processes = self.root = self.others = 0
        self.read, self.asked, self.asked_by_others = [], [], 0
        self.follow(first, 0)

    def follow(self, pid, uid, started=False):
        """started: it has its program, whose reads are its own."""
        file = self.path.with_name(f"{self.path.name}.{pid}")
        if not file.exists():
            return
        self.processes += 1
        for line in file.read_text(errors="replace").splitlines():
            match = LINE.match(line)
            if not match:
                # cut by the end of the process, which no matter would be of
                # one that has read
                assert "(" not in line or "<unfinished" in line or \
                    line.rstrip().endswith("?") or "= ?" in line, line
                continue
            call, args, result = match[1], match[2], int(match[3])
            if call in FORKS and result > 0:
                self.follow(result, uid, started=True)
            elif call in ("setuid", "setreuid", "setresuid") and \
                    result == 0:
                uid = int(args.split(",")[-2 if call == "setresuid" else -1])
            elif call.startswith("execve") and result == 0:
                if started:
                    return
                started = True
            else:
                self.judge(line, call, args, result, uid)

    def judge(self, line, call, args, result, uid):
        asks = call in ("connect", "sendto", "sendmsg", "sendmmsg") and \
            ASKED.search(args)
        reads = call in READS and SOCKET.match(args)
        if uid != 0:
            self.others += bool(reads)
            self.asked_by_others += bool(asks)
        elif asks:
            self.asked.append(line)
        elif reads:
            self.root += 1
            if not has_no_room(call, args, result):
                self.read.append(line)


def has_no_room(call, args, result):
    """Of a socket of datagrams the kernel says who has sent the first one, or
    drops it; there is no room for an octet of it, nor for descriptors.  Of a
    connection there is nothing to be learned so."""
    if not DATAGRAMS.match(args):
        return False
    return (call == "recvfrom" and re.match(r"[^>]*>, NULL, 0,", args)) or \
        (call == "recvmsg" and "SCM_RIGHTS" not in args and
         # of a call that fails it is not shown
         ("msg_iov=NULL, msg_iovlen=0" in args or result < 0))


def why_not():
    """Why strace cannot be used here, or None."""
    if shutil.which("strace") is None:
        return "needs strace"
    try:
        result = subprocess.run(["strace", "-f", "-yy", "-o", "/dev/null",
                                 "true"], capture_output=True, text=True,
                                timeout=20 * SLOW)
    except subprocess.TimeoutExpired:
        return "strace does not end here"
    return None if result.returncode == 0 else \
        f"strace may not trace: {result.stderr.strip()[:80]}"


pytestmark = [pytest.mark.root, pytest.mark.skipif(
    bool(WRAPPER) or "asan" in SUPERD,
    reason="traces what is installed, and nothing around it")]


@pytest.fixture
def traced(tmp_path, superd):
    """traced(conf, ...): a daemon, and a function that ends it and says what
    it did."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    path = tmp_path / "trace"

    def start(conf, **options):
        daemon = superd(conf, starter=[
            "strace", "-D", "-q", "-ff", "-yy", "-s", "16", "-o", path, "-e",
            "signal=none", "-e", "trace=" + ",".join(CALLS)], **options)

        def end():
            pid = daemon.pid
            daemon.stop()
            # the tracer writes the last lines after the end of the last
            wait_for(lambda: not any(
                "strace" in command and str(path) in command
                for command in commands()))
            return Trace(path, pid)

        return daemon, end

    return start


def commands():
    return subprocess.run(["ps", "-eo", "args"], capture_output=True,
                          text=True, check=True).stdout.splitlines()


@pytest.fixture
def dns_alone(tmp_path, mounts):
    """Names are asked of the peer, who is there and refuses to answer."""
    for name, text in (("resolv.conf", f"nameserver {PEER}\n"
                                       "options timeout:1 attempts:1\n"),
                       ("nsswitch.conf", "hosts: dns\npasswd: files\n"
                                         "group: files\nservices: files\n"
                                         "protocols: files\n")):
        path = tmp_path / name
        path.write_text(text)
        mounts(path, f"/etc/{name}")


def check(trace, reads=True):
    assert trace.processes >= 2
    assert trace.asked == []
    assert trace.read == []
    # or it would have seen nothing at all
    assert not reads or trace.others > 0


def test_internal_services_and_servers(traced):
    daemon, end = traced(
        "20001 stream tcp nowait nobody /bin/cat cat\n"
        "20002 stream tcp nowait root internal echo\n"
        "20003 stream tcp nowait root internal discard\n"
        "20004 stream tcp nowait root internal daytime\n"
        f"20005 dgram udp wait nobody {probe('once')} once\n"
        "20006 dgram udp wait root internal echo\n"
        f"20007 stream tcp wait nobody {probe('acc')} acc\n"
        "20008 stream tcp nowait root internal tcpmux\n"
        "tcpmux/cat stream tcp nowait nobody /bin/cat cat\n")
    assert tcp(20001, b"abc") == tcp(20002, b"abc") == b"abc"
    assert tcp(20003, b"abc") == b"" and tcp(20004, b"abc")
    assert udp(20005) and udp(20006) == b"x"
    assert tcp(20007, b"abc").endswith(b"abc")
    assert tcp(20008, b"cat\r\nabc").endswith(b"abc")
    assert tcp(20008, b"nothing\r\n").startswith(b"-")
    trace = end()
    check(trace)
    # it has looked who had sent the datagram
    assert trace.root > 0


def test_redirect_page_and_sensor(traced):
    """of what is passed on, answered first, or only noticed"""
    daemon, end = traced(
        "service target { port = 20001\nserver = /bin/cat\n"
        "user = nobody }\n"
        "service passed { port = 20002\n"
        "redirect = {\"127.0.0.1\", 20001} }\n"
        "service pages { port = 20003\ninternal = services }\n"
        "service trap { port = 20009\nflags = SENSOR\n"
        "deny_time = 1m }\n",
        file="superd.conf")
    assert tcp(20002, b"abc") == b"abc"
    assert b"passed" in tcp(20003, b"abc")
    tcp(20009, b"abc")
    daemon.wait_log("trap.*sensor|sensor.*trap")
    trace = end()
    check(trace)


def never():
    return f"access_times = {{\"{elsewhen()}-{elsewhen()}\"}}\n"


@contextlib.contextmanager
def client_of(where, host="127.0.0.1"):
    """A connection to a port, or to a unix socket."""
    with socket.socket(socket.AF_INET if isinstance(where, int) else
                       socket.AF_UNIX) as s:
        s.settimeout(10 * SLOW)
        s.connect((host, where) if isinstance(where, int) else str(where))
        yield s


def early(daemon, where, *host):
    """What one is told who has sent something before superd looks.  A reset
    is not the end."""
    daemon.signal(signal.SIGSTOP)
    try:
        with client_of(where, *host) as s:
            s.sendall(b"abc")
            daemon.signal(signal.SIGCONT)
            data = b""
            while block := s.recv(1000):
                data += block
            return data
    finally:
        daemon.signal(signal.SIGCONT)


def cat(directory, where, *lines):
    """A service with banners, for superd.conf."""
    texts = []
    for name in ("banner", "banner_success", "banner_fail"):
        (directory / name).write_text(name + "\n")
        texts.append(f"{name} = {directory / name}\n")
    return (f"service s {{ name = {where}\nserver = /bin/cat\n"
            f"user = nobody\n{''.join(texts)}{''.join(lines)} }}\n")


def first(s, count):
    data = b""
    while len(data) < count:
        block = s.recv(count - len(data))
        assert block, data
        data += block
    return data


SORRY = b"banner\nbanner_fail\n"


def refused_for(daemon, reason):
    return lambda: daemon.service("s")["refused"].get(reason)


@pytest.mark.parametrize("reason,line", [
    ("access", "only_from = {192.0.2.9}\n"),
    ("access", "no_access = {127.0.0.1}\n"),
    ("time", None)])
def test_refused_client(traced, tmp_path, reason, line):
    daemon, end = traced(cat(tmp_path, 20001, line or never()),
                         file="superd.conf")
    assert early(daemon, 20001) == SORRY
    wait_for(refused_for(daemon, reason))
    check(end(), reads=False)


@pytest.mark.parametrize("reason,line", [
    ("instances", "instances = 1\nexcess = refuse\n"),
    ("per_source", "per_source = 1\nexcess = refuse\n"),
    ("source_rate", "source_rate = 1/1h\n")])
def test_client_beyond_a_limit(traced, tmp_path, reason, line):
    daemon, end = traced(cat(tmp_path, 20001, line), file="superd.conf")
    with connect(20001) as s:
        assert first(s, 22) == b"banner\nbanner_success\n"
        assert early(daemon, 20001) == SORRY
    wait_for(refused_for(daemon, reason))
    check(end(), reads=False)


@pytest.mark.parametrize("reason", ["time", "instances"])
def test_refused_client_of_a_unix_socket(traced, tmp_path, reason):
    node = tmp_path / "sock"
    daemon, end = traced(cat(tmp_path, node, never() if reason == "time" else
                             "instances = 1\nexcess = refuse\n"),
                         file="superd.conf")
    with contextlib.ExitStack() as stack:
        if reason == "instances":
            s = stack.enter_context(client_of(node))
            assert first(s, 22) == b"banner\nbanner_success\n"
        assert early(daemon, node) == SORRY
    wait_for(refused_for(daemon, reason))
    check(end(), reads=False)


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_refused_client_of_a_wait_server(traced, tmp_path, family):
    where = 20001 if family == "tcp" else tmp_path / "sock"
    daemon, end = traced(
        f"service s {{ name = {where}\nwait = yes\nuser = nobody\n"
        f"server = {probe('acc')}\n{never()} }}\n", file="superd.conf")
    assert early(daemon, where) == b""
    wait_for(refused_for(daemon, "time"))
    # who has refused it may read
    check(end())


@pytest.mark.parametrize("line,server", [
    (None, "once"), ("", "tick"), ("only_from = {127.0.0.1}\n", "once")])
def test_datagram_of_a_wait_server(traced, tmp_path, line, server):
    """refused, left unread, and served by rules of access"""
    ticks = tmp_path / "ticks"
    ticks.touch()
    ticks.chmod(0o666)
    daemon, end = traced(
        "service s { name = 20004\nprotocol = udp\nwait = yes\n"
        f"user = nobody\nserver = {probe(server)}\nserver_args = {ticks}\n"
        f"{never() if line is None else line} }}\n", file="superd.conf")
    with udp_socket() as s:
        s.sendto(b"x", ("127.0.0.1", 20004))
        if line is None:
            wait_for(refused_for(daemon, "time"))
        elif server == "once":
            assert s.recv(100)
        else:
            wait_for(lambda: len(ticks.read_text()) >= 3, 20)
    trace = end()
    check(trace, reads=False)
    assert trace.root > 0


def test_banners_and_pauses(traced, tmp_path):
    """of those who are served: one a second"""
    daemon, end = traced(cat(tmp_path, 20001, "rate = 1/1s\n"),
                         file="superd.conf")
    for _ in range(3):
        assert tcp(20001, b"abc") == b"banner\nbanner_success\nabc"
    check(end(), reads=False)


def test_programs_in_the_portmapper(traced, rpcbind):    # noqa: F811
    """rpcbind(8) is asked by root, who may register; it is of this host, and
    knows nothing of clients"""
    fake = rpcbind()
    daemon, end = traced("rstat_svc/1-3 dgram rpc/udp wait nobody "
                         f"{probe('once')} once\n")
    wait_for(lambda: fake.set_calls() >= 3)
    address = daemon.status()["services"][0]["listeners"][0]["address"]
    assert udp(int(address.rpartition(":")[2]))
    trace = end()
    check(trace, reads=False)
    assert trace.root > 0


def ask_unix(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5 * SLOW)
        s.connect(str(path))
        with contextlib.suppress(OSError):
            s.sendall(b"abc")
            s.shutdown(socket.SHUT_WR)
            return read_all(s)


def test_clients_of_unix_sockets(traced, tmp_path):
    served, inside, lent = (tmp_path / name for name in ("a", "b", "c"))
    daemon, end = traced(
        f"{served} stream unix nowait nobody /bin/cat cat\n"
        f"{inside} stream unix nowait root internal echo\n"
        f"{lent} stream unix wait nobody {probe('acc')} acc\n")
    assert ask_unix(served) == ask_unix(inside) == b"abc"
    assert ask_unix(lent).endswith(b"abc")
    check(end())


def test_denied_client(traced, veth):
    """by a sensor, which tells of it"""
    daemon, end = traced(
        "service trap { port = 20009\nflags = SENSOR\ndeny_time = 1h }\n"
        "service s { port = 20001\nserver = /bin/cat\nuser = nobody }\n"
        "service gram { port = 20002\nprotocol = udp\nwait = yes\n"
        f"user = nobody\nserver = {probe('once')} }}\n", file="superd.conf")
    with veth.peer():
        for port in (20009, 20001):
            assert early(daemon, port, OURS) == b""
        udp(20002, host=OURS, timeout=0.1)
    for id in ("trap", "s", "gram"):
        wait_for(lambda: daemon.service(id)["refused"].get("sensor"))
    trace = end()
    check(trace, reads=False)
    assert trace.root > 0


def test_names_of_the_configuration(traced, veth, dns_alone):
    text = "20001 stream tcp nowait root internal daytime\n"
    daemon, end = traced(text + "one.example:20002 stream tcp nowait root "
                         "internal daytime\n")
    assert tcp(20001)
    daemon.write(text + "two.example:20003 stream tcp nowait root internal "
                 "daytime\n")
    code, answer = daemon.ctl("reload")
    assert code == 3 and "two.example" in answer
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


def test_names_of_clients(traced, veth, dns_alone):
    daemon, end = traced(
        "service x { port = 20001\nserver = /bin/cat\nuser = nobody\n"
        "no_access = {example.org} }\n"
        "service gram { port = 20002\nprotocol = udp\nwait = yes\n"
        f"server = {probe('once')}\nuser = nobody\n"
        "no_access = {example.org} }\n", file="superd.conf")
    with veth.peer():
        assert tcp(20001, b"abc", OURS) == b""
        udp(20002, host=OURS, timeout=0.1)
    for id in ("x", "gram"):
        wait_for(lambda: daemon.service(id)["refused"].get("access"), 20)
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


@pytest.mark.skipif("+libwrap" not in subprocess.run(
    [SUPERD, "-V"], capture_output=True, text=True).stdout,
    reason="built without libwrap")
def test_libwrap(traced, veth, hosts, dns_alone):
    hosts("cat, once: .example.org, 192.0.2.2\n", "ALL: ALL\n")
    daemon, end = traced("20001 stream tcp nowait nobody /bin/cat cat\n"
                         f"20002 dgram udp wait nobody {probe('once')} once\n",
                         args=["-w"])
    with veth.peer():
        assert tcp(20001, b"abc", OURS) == b"abc"
        assert udp(20002, host=OURS, timeout=20)
    assert tcp(20001, b"abc") == b""
    udp(20002, timeout=0.1)
    wait_for(lambda: daemon.service("20002/udp")["refused"].get("libwrap"))
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


def test_ident(traced, veth, identd):    # noqa: F811
    server = identd()
    daemon, end = traced(
        "service one\n{\ntype = UNLISTED\nport = 20001\n"
        "socket_type = stream\nprotocol = tcp\nwait = no\nuser = nobody\n"
        "server = /bin/cat\nflags = NOLIBWRAP\nlog_on_success = USERID\n"
        "}\n", file="xinetd.conf")
    with veth.peer():
        assert tcp(20001, b"abc", OURS) == b"abc"
    assert server.queries
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


def test_user_of_a_refused_client(traced, veth, identd):    # noqa: F811
    server = identd()
    daemon, end = traced(
        "service one\n{\ntype = UNLISTED\nport = 20001\n"
        "socket_type = stream\nprotocol = tcp\nwait = no\nuser = nobody\n"
        f"server = /bin/cat\nno_access = {PEER}\n"
        "log_on_failure = HOST USERID\n}\n", file="xinetd.conf")
    with veth.peer():
        assert tcp(20001, b"abc", OURS) == b""
    daemon.wait_log("USERID: one UNIX : alice")
    assert server.queries
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


@pytest.mark.parametrize("option", ["-t", "-T"])
def test_check_of_a_configuration(tmp_path, veth, dns_alone, option):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    text, path = tmp_path / "superd.conf", tmp_path / "trace"
    text.write_text("service x { port = 20001\ninternal = echo\n"
                    "bind = one.example }\n")
    result = subprocess.run(
        ["strace", "-ff", "-yy", "-q", "-o", path, "-e", "trace=" +
         ",".join(CALLS), SUPERD, option, text], capture_output=True,
        text=True, timeout=30 * SLOW)
    assert "one.example" in result.stderr
    first, = (file for file in tmp_path.glob("trace.*")
              if SUPERD in file.read_text().splitlines()[0])
    trace = Trace(path, int(first.suffix[1:]))
    assert trace.processes == 2
    assert trace.asked == [] and trace.asked_by_others > 0
