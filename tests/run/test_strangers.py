"""What others wrote is read without rights: every process of superd's that
has uid 0, seen by strace."""

import re
import shutil
import subprocess

import pytest
from conftest import SLOW, SUPERD, WRAPPER, probe, tcp, udp, wait_for
from test_ident import OURS, PEER, identd    # noqa: F401
from test_lent import elsewhen

# by the name of the call: is its first argument the descriptor?
READS = ("read", "readv", "pread64", "preadv", "preadv2", "recvfrom",
         "recvmsg", "recvmmsg", "splice", "sendfile")
CALLS = (*READS, "connect", "sendto", "sendmsg", "sendmmsg", "setuid",
         "setreuid", "setresuid", "execve", "execveat", "fork", "vfork",
         "clone", "clone3")
FORKS = ("fork", "vfork", "clone", "clone3")

# What root still does with the bytes of clients.  Nothing is to be added here:
# they go when what is closed, and the first datagram of a wait server, are
# looked at elsewhere.  (name, ports of superd, or None for any, call)
KNOWN = [
    ("close_politely() throws away what a client has sent", None,
     re.compile(r"recvfrom\(.*, NULL, \d+, MSG_TRUNC\|MSG_DONTWAIT|"
                r"recvfrom\(.*, NULL, \d+, MSG_DONTWAIT\|MSG_TRUNC")),
    ("the head of the queue of a datagram server is compared", {20004, 20005},
     re.compile(r"recvmsg\(.*MSG_PEEK")),
]

LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
SOCKET = re.compile(r"\d+<(?:TCP|UDP)")
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

    def unknown(self):
        return [line for line in self.read if known(line) is None]


def has_no_room(call, args, result):
    """A call that gets no byte: of errors, and of what is dropped."""
    return (call == "recvfrom" and re.match(r"\S+, (NULL|\"\"|0x\w+), 0,",
                                            args)) or \
        (call == "recvmsg" and ("msg_iov=NULL" in args or
                                "msg_iovlen=0" in args or
                                # nothing is shown of what did not come
                                (result < 0 and "MSG_ERRQUEUE" in args)))


def known(line):
    port = re.search(r"<(?:TCP|UDP)\w*:\[[^]>]*?:(\d+)(?:->|\])", line)
    for name, ports, pattern in KNOWN:
        if pattern.search(line) and (ports is None or
                                     (port and int(port[1]) in ports)):
            return name
    return None


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
    assert trace.processes >= 3
    assert trace.asked == []
    assert trace.unknown() == []
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
    # what is known is still true: who cures it takes it off the list
    seen = {known(line) for line in trace.read}
    assert KNOWN[1][0] in seen


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
    assert {known(line) for line in trace.read} <= {KNOWN[0][0]}


def test_refused_clients(traced):
    never = f"{elsewhen()}-{elsewhen()}"
    daemon, end = traced(
        "service deny { port = 20001\nserver = /bin/cat\nuser = nobody\n"
        "no_access = {127.0.0.1} }\n"
        "service lent { port = 20003\nwait = yes\nuser = nobody\n"
        f"server = {probe('acc')}\naccess_times = {{\"{never}\"}} }}\n"
        "service gram { port = 20004\nprotocol = udp\nwait = yes\n"
        f"user = nobody\nserver = {probe('once')}\n"
        f"access_times = {{\"{never}\"}} }}\n",
        file="superd.conf")
    assert tcp(20001, b"abc") == tcp(20003, b"abc") == b""
    udp(20004, timeout=0.1)
    wait_for(lambda: daemon.service("gram")["refused"].get("time"))
    trace = end()
    check(trace, reads=False)
    assert {known(line) for line in trace.read} == {KNOWN[0][0], KNOWN[1][0]}


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
        "no_access = {example.org} }\n", file="superd.conf")
    with veth.peer():
        tcp(20001, b"abc", OURS)
    trace = end()
    check(trace, reads=False)
    assert trace.asked_by_others > 0


@pytest.mark.skipif("+libwrap" not in subprocess.run(
    [SUPERD, "-V"], capture_output=True, text=True).stdout,
    reason="built without libwrap")
def test_libwrap(traced, veth, hosts, dns_alone):
    hosts("cat: .example.org, 192.0.2.2\n", "ALL: ALL\n")
    daemon, end = traced("20001 stream tcp nowait nobody /bin/cat cat\n",
                         args=["-w"])
    with veth.peer():
        assert tcp(20001, b"abc", OURS) == b"abc"
    assert tcp(20001, b"abc") == b""
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
