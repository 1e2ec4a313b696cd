"""Sockets that systemd passes, keeps and is given back: sd_listen_fds(3),
sd_notify(3).  A small stand-in for it starts superd here."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest
from conftest import SLOW, SUPERD, State, probe, tcp, wait_for

# makes the descriptors it is handed 3, 4, ..., as systemd's child does
STARTER = """
import array, os, socket, sys
here = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
here.connect(sys.argv[1])
fds = []
while True:
    names, ancillary, *_ = here.recvmsg(65536, 4096)
    if names == b"END":
        break
    for *_, data in ancillary:
        fds += array.array("i", data)
here.close()
high = [os.dup2(fd, 500 + i) for i, fd in enumerate(fds)]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
os.closerange(3 + len(high), 1000)
if sys.argv[2] != "-":
    os.environ["LISTEN_FDNAMES"] = sys.argv[2]
os.environ["LISTEN_FDS"] = str(len(high))
os.environ["LISTEN_PID"] = sys.argv[3] if sys.argv[3] != "-" else \\
    str(os.getpid())
os.execvp(sys.argv[4], sys.argv[4:])
"""


class Manager:
    """What systemd does for a unit: its sockets, and its messages."""

    def __init__(self, superd, path):
        self.superd = superd
        self.path = path
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.bind(str(path / "door"))
        self.door.listen(1)
        self.door.settimeout(20 * SLOW)
        self.sockets = []

    def start(self, conf, sockets, names=None, pid=None, env=None, **more):
        """Start superd with these sockets."""
        starter = [sys.executable, "-c", STARTER, self.path / "door",
                   ":".join(names) if names else "-", pid or "-"]
        daemon = self.superd(conf, starter=starter, env=env, ready=False,
                             **more)
        there, _ = self.door.accept()
        with there:
            for one in sockets:
                socket.send_fds(there, [b"x"], [one.fileno()])
            there.send(b"END")
        daemon.wait_log(r"ready:", 20)
        return daemon

    def listener(self, address=("127.0.0.1", 20001), family=socket.AF_INET,
                 kind=socket.SOCK_STREAM, v6only=None, listen=True):
        one = socket.socket(family, kind)
        if v6only is not None:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        if family != socket.AF_UNIX:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(address)
        if kind != socket.SOCK_DGRAM and listen:
            one.listen(10)
        self.sockets.append(one)
        return one

    def close(self):
        for one in [*self.sockets, self.door]:
            one.close()


@pytest.fixture
def manager(superd, tmp_path):
    with contextlib.closing(Manager(superd, tmp_path)) as manager:
        yield manager


def inode(one):
    return os.fstat(one.fileno()).st_ino


def has(daemon, one):
    """Does superd have this very socket?"""
    there = f"/proc/{daemon.pid}/fd"
    return f"socket:[{inode(one)}]" in [
        os.readlink(f"{there}/{fd}") for fd in os.listdir(there)]


ONE = f"127.0.0.1:20001 stream tcp nowait root {probe('probe')} probe\n"
XINETD = f"""service one
{{
    type = UNLISTED
    socket_type = stream
    protocol = tcp
    bind = 127.0.0.1
    port = 20001
    wait = no
    user = root
    server = {probe('probe')}
}}
"""
SUPERD_CONF = f"""service one {{
    listen = "127.0.0.1:20001"
    user = root
    server = "{probe('probe')}"
}}
"""


@pytest.mark.parametrize("file, conf", [("inetd.conf", ONE),
                                        ("xinetd.conf", XINETD),
                                        ("superd.conf", SUPERD_CONF)])
def test_a_passed_socket_serves_whatever_the_format(manager, file, conf):
    one = manager.listener()
    daemon = manager.start(conf, [one], file=file)
    assert has(daemon, one)
    daemon.wait_log(r"passed \S+ 127\.0\.0\.1:20001$")
    env = State(tcp(20001)).env
    assert not [name for name in env if name.startswith("LISTEN_")]


def test_a_client_who_came_before_superd_is_served(manager):
    one = manager.listener()
    with socket.create_connection(("127.0.0.1", 20001)) as early:
        early.settimeout(20 * SLOW)
        manager.start(ONE, [one])
        assert early.recv(100)


def test_sockets_of_another_process_are_closed(manager):
    one = manager.listener(("127.0.0.1", 20002))
    daemon = manager.start(ONE, [one], pid=1)
    assert not has(daemon, one)
    assert "passed" not in daemon.read_log()


def test_a_socket_without_a_service_is_told_and_closed(manager):
    one, other = manager.listener(), manager.listener(("127.0.0.1", 20002))
    daemon = manager.start(ONE, [other, one], names=["odd", "x"])
    daemon.wait_log(r"error passed: stream 127\.0\.0\.1:20002 odd: no service "
                    r"has such a socket, closed")
    assert has(daemon, one) and not has(daemon, other)


def test_a_socket_that_comes_from_its_unit_and_the_store_is_no_error(manager):
    """as systemd passes both after a restart"""
    one = manager.listener()
    daemon = manager.start(ONE, [one, one],
                           names=["superd.socket", "superd.1.n.20001/tcp"])
    assert State(tcp(20001)).env
    daemon.wait_log(r"passed \S+ 127\.0\.0\.1:20001$")
    assert "no service has such a socket" not in daemon.read_log()


def test_what_is_no_socket_or_is_connected_is_told_and_closed(manager):
    one = manager.listener()
    with open("/dev/null", "rb") as null, \
            socket.create_connection(("127.0.0.1", 20001)) as client, \
            one.accept()[0] as accepted:
        daemon = manager.start(ONE, [null, accepted, one])
        daemon.wait_log(r"error passed: .*expected a socket, closed")
        daemon.wait_log(r"error passed: .*expected a listening socket, "
                        r"Accept=no, closed")
        assert client and has(daemon, one)


def test_a_name_wins_over_the_address(manager):
    """The socket is bound where the file does not say; the one that is,
    is for the service of its own name."""
    one = manager.listener(("127.0.0.1", 20005))
    same = manager.listener(("127.0.0.1", 20001))
    two = SUPERD_CONF.replace("one", "two").replace("20001", "20002")
    daemon = manager.start(SUPERD_CONF + two, [same, one],
                           names=["two", "one"], file="superd.conf")
    assert has(daemon, one) and has(daemon, same)
    assert State(tcp(20005)).env
    assert daemon.service("one")["listeners"][0]["address"] == \
        "127.0.0.1:20005"
    daemon.reload(SUPERD_CONF + "# the same\n")
    assert has(daemon, one)


@pytest.mark.parametrize("proto, v6only", [("tcp46", 0), ("tcp6", 1)])
def test_ipv6_sockets_fit_the_families_of_a_service(manager, proto, v6only):
    one = manager.listener(("::", 20001), socket.AF_INET6, v6only=v6only)
    text = f"20001 stream {proto} nowait root {probe('probe')} probe\n"
    daemon = manager.start(text, [one])
    assert has(daemon, one)
    assert State(tcp(20001, host="::1")).env


def test_a_socket_for_ipv4_too_is_none_for_ipv6_alone(manager):
    one = manager.listener(("::", 20002), socket.AF_INET6, v6only=0)
    text = f"20002 stream tcp6 nowait root {probe('probe')} probe\n"
    daemon = manager.start(ONE + text, [one])
    daemon.wait_log(r"error passed: stream \[::\]:20002, which is for IPv4 "
                    "too: no service has such a socket, closed")


def test_datagrams_and_unix_sockets_are_passed_as_well(manager, tmp_path):
    path = str(tmp_path / "u")
    dgram = manager.listener(("127.0.0.1", 20001), kind=socket.SOCK_DGRAM)
    unix = manager.listener(path, socket.AF_UNIX)
    daemon = manager.start(
        "127.0.0.1:20001 dgram udp wait root internal echo\n"
        f"{path} stream unix nowait root {probe('probe')} probe\n",
        [dgram, unix])
    assert has(daemon, unix)
    daemon.wait_log(r"passed \S+ 127\.0\.0\.1:20001$")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(20 * SLOW)
        client.connect(("127.0.0.1", 20001))
        client.send(b"hello")
        assert client.recv(100) == b"hello"
    daemon.stop()
    assert os.path.exists(path)  # it is systemd's


def test_a_passed_socket_survives_reloads_and_goes_with_its_service(manager):
    one = manager.listener()
    other = f"127.0.0.1:20002 stream tcp nowait root {probe('probe')} probe\n"
    daemon = manager.start(ONE + other, [one])
    daemon.reload(ONE.replace("nowait", "nowait.3") + other)
    assert has(daemon, one) and State(tcp(20001)).env
    daemon.reload(other)
    assert not has(daemon, one)


def test_a_socket_that_does_not_listen_yet_listens(manager):
    one = manager.listener(listen=False)
    daemon = manager.start(ONE, [one])
    assert has(daemon, one) and State(tcp(20001)).env


# What a server of systemd's sockets does first, and what it finds.
LISTENS = """
import json, os, socket, sys
assert int(os.environ["LISTEN_PID"]) == os.getpid(), "not for us"
assert os.environ["LISTEN_FDS"] == "1"
here = socket.socket(fileno=3)
print("to nobody", flush=True)
print("to the log", file=sys.stderr, flush=True)
fds = {fd: os.readlink("/proc/self/fd/" + fd)
       for fd in ("0", "1", "2", "3", "4") if os.path.exists(
           "/proc/self/fd/" + fd)}
found = json.dumps({"name": os.environ["LISTEN_FDNAMES"], "fds": fds,
                    "blocking": here.getblocking()}).encode()
if here.type == socket.SOCK_DGRAM:
    here.sendto(found, here.recvfrom(100)[1])
else:
    here.accept()[0].sendall(found)
"""

LENT = """service "a:%s" {
    listen = "127.0.0.1:20001"
    socket_type = %s
    protocol = %s
    wait = yes
    user = root
    listen_fds = yes
    %s
    server = "/usr/bin/python3"
    server_args = "-c" "%s"
}
"""


def lent(tmp_path, kind="stream", protocol="tcp", more=""):
    script = tmp_path / "listens"
    script.write_text(LISTENS)
    return (LENT % ("x/y", kind, protocol, more, "")).replace(
        '"-c" ""', f'"{script}"')


@pytest.mark.parametrize("spawn", ["", "fork"])
def test_a_wait_server_finds_its_socket_as_of_systemd(superd, tmp_path, spawn):
    """LISTEN_PID is the pid of the server itself, however it is started."""
    daemon = superd(lent(tmp_path), file="superd.conf",
                    env=dict(os.environ, SUPERD_SPAWN=spawn))
    for _ in range(3):
        found = json.loads(tcp(20001))
        assert found["name"] == "a_x/y" and found["blocking"]
        assert found["fds"]["0"] == found["fds"]["1"] == "/dev/null"
        assert found["fds"]["2"].startswith("pipe:")
        assert found["fds"]["3"].startswith("socket:")
    daemon.wait_log(r"stderr a:x/y.*to the log")
    assert "to nobody" not in daemon.read_log()


def test_a_datagram_server_finds_its_socket_as_of_systemd(superd, tmp_path):
    daemon = superd(lent(tmp_path, "dgram", "udp", "stderr = null"),
                    file="superd.conf")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(20 * SLOW)
        client.connect(("127.0.0.1", 20001))
        client.send(b"x")
        found = json.loads(client.recv(4096))
    assert found["fds"]["2"] == "/dev/null"
    assert "to the log" not in daemon.read_log()


def test_listen_fds_gives_no_other_descriptor(superd, tmp_path):
    """Whatever numbers superd itself has in use then."""
    superd(lent(tmp_path) + """service echo {
    internal = echo
    listen = "127.0.0.1:20002"
}
""", file="superd.conf")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(
                socket.create_connection(("127.0.0.1", 20002)))
        found = json.loads(tcp(20001))
    # 4 is what looks at them
    assert "/proc/" in found["fds"].get("4", "/proc/")


@pytest.mark.parametrize("spawn", ["", "fork"])
def test_listen_fds_leaves_room_for_the_report_of_what_fails(superd, tmp_path,
                                                             spawn):
    """Descriptor 3 may be what superd is told through."""
    program = tmp_path / "program"
    program.write_text("no program")
    program.chmod(0o755)
    daemon = superd(lent(tmp_path).replace("/usr/bin/python3", str(program)),
                    file="superd.conf",
                    env=dict(os.environ, SUPERD_SPAWN=spawn))
    with socket.create_connection(("127.0.0.1", 20001)):
        daemon.wait_log(f"exec {program}: Exec format error")


@pytest.mark.parametrize("change, told", [
    (("wait = yes", "wait = no"), "listen_fds goes with a server and wait"),
    (("listen_fds", "stderr = socket listen_fds"),
     "stderr = socket does not go with listen_fds: expected log or null"),
])
def test_listen_fds_is_refused_where_it_means_nothing(tmp_path, change, told):
    conf = tmp_path / "superd.conf"
    conf.write_text(lent(tmp_path).replace(*change))
    done = subprocess.run([SUPERD, "-t", conf], capture_output=True, text=True)
    assert done.returncode == 1 and told in done.stderr


# Units of systemd as superd.conf.

def units(tmp_path, **files):
    there = tmp_path / "units"
    there.mkdir()
    for name, text in files.items():
        path = there / name.replace("__", "@.").replace("_", ".")
        path.write_text(text)
    return there


def imported(there):
    done = subprocess.run([SUPERD, "--import", "systemd", there],
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_unit_with_a_server_for_each_client_is_imported(superd, tmp_path):
    there = units(tmp_path, probe_socket="""[Unit]
Description=a probe
Before=sockets.target
[Socket]
ListenStream=127.0.0.1:20009
Accept=yes
MaxConnections=3
NoDelay=true
""", probe__service=f"""[Service]
# all of one line
ExecStart=-{probe('probe')} 'one two' \\
; not this
  "th\\x72ee" $$x %p
StandardInput=socket
Environment="A=b c" D=e
UMask=0027
LimitSTACK=infinity
LimitNOFILE=50:60
KillMode=process
""")
    drop_in = there / "probe.socket.d"
    drop_in.mkdir()
    (drop_in / "port.conf").write_text(
        "[Socket]\nListenStream=\nListenStream=127.0.0.1:20001\n")
    code, conf, told = imported(there)
    assert code == 0 and told == ""
    assert f"# left out: {there}/probe.socket:3: [Unit] " \
        "Before=sockets.target\n" in conf
    assert "[Service] KillMode=process\n" in conf
    assert "20009" not in conf and "instances = \"3\"" in conf
    superd(conf, file="superd.conf")
    state = State(tcp(20001))
    assert state.argv == ["probe", "one two", "three", "$x", "probe"]
    assert state.env["A"] == "b c" and state.env["D"] == "e"


def test_a_unit_with_a_server_for_its_socket_is_imported(superd, tmp_path):
    script = tmp_path / "listens"
    script.write_text(LISTENS)
    there = units(tmp_path, lent_socket="""[Socket]
ListenStream=127.0.0.1:20001
ListenStream=/run/not-this.sock
SocketMode=0660
Service=other.service
""", other_service=f"""[Service]
ExecStart=@/usr/bin/python3 python {script} ${{MORE}}
""")
    code, conf, _ = imported(there)
    assert code == 0 and "words with variables" in conf
    assert "systemd passes all 2 sockets to one server" in conf
    superd(conf.replace("/run/", f"{tmp_path}/"), file="superd.conf")
    found = json.loads(tcp(20001))
    assert found["name"] == "lent" and found["fds"]["2"].startswith("pipe:")


def test_what_cannot_be_run_is_disabled(tmp_path):
    there = units(tmp_path, x_socket="[Socket]\nListenStream=20001\n"
                  "Accept=yes\n", x__service="[Service]\n"
                  "ExecStart=/bin/x %i\n")
    code, conf, _ = imported(there)
    assert code == 0 and "disable = yes" in conf
    assert "a specifier is not known here" in conf


def test_import_tells_what_it_does_not_find_or_understand(tmp_path):
    there = units(tmp_path, alone_socket="[Socket]\nListenStream=20001\n",
                  odd_socket="garbage\n[Socket]\n", odd_service="[Service]\n")
    code, _, told = imported(there)
    assert code == 1
    assert "alone.service: expected its service" in told
    assert f"{there}/odd.socket:1: error: expected [Section] or Name=value" in told
    assert imported(tmp_path / "none")[0] == 1
    done = subprocess.run([SUPERD, "--import", "systemd"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "expected a directory" in done.stderr


# What systemd keeps.

class Store:
    """systemd's end of NOTIFY_SOCKET: its file descriptor store."""

    def __init__(self, path):
        self.path = str(path / "notify")
        self.here = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.here.bind(self.path)
        self.here.settimeout(0)
        self.kept = {}

    @property
    def env(self):
        return dict(os.environ, NOTIFY_SOCKET=self.path, FDSTORE="64")

    def read(self):
        """What is kept, once all that was sent is read."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text, fds, *_ = socket.recv_fds(self.here, 4096, 4)
                found = dict(line.split("=", 1)
                             for line in text.decode().splitlines())
                if "FDSTORE" in found:
                    assert len(fds) == 1 and found["FDPOLL"] == "0"
                    assert found["FDNAME"] not in self.kept
                    self.kept[found["FDNAME"]] = socket.socket(fileno=fds[0])
                elif "FDSTOREREMOVE" in found:
                    self.kept.pop(found["FDNAME"]).close()
        return self.kept

    def wait(self, count):
        wait_for(lambda: len(self.read()) == count, 10, f"{count} in the store")
        return self.kept

    def close(self):
        for one in [*self.kept.values(), self.here]:
            one.close()


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(Store(tmp_path)) as store:
        yield store


KEPT = """service exec {{
    listen = "127.0.0.1:20001"
    user = root
    server = "{probe}"
}}
service echo {{
    listen = "127.0.0.1:20002"
    internal = echo
}}
service unix {{
    listen = "{path}"
    user = root
    server = "{probe}"
}}
"""


@pytest.mark.parametrize("signo", [signal.SIGKILL, signal.SIGTERM])
def test_who_comes_between_two_lives_of_superd_is_served(
        manager, store, tmp_path, signo):
    path = str(tmp_path / "u")
    conf = KEPT.format(probe=probe("probe"), path=path)
    daemon = manager.start(conf, [], env=store.env, file="superd.conf")
    kept = store.wait(3)
    inodes = {name: inode(one) for name, one in kept.items()}
    daemon.signal(signo)
    daemon.ended(expect=-signo if signo == signal.SIGKILL else 0)
    # its internal process may end a moment later, and has its lock so long
    unix = pathlib.Path("/proc/net/unix")
    wait_for(lambda: "@superd/" not in unix.read_text(), 10, "its lock")
    with contextlib.ExitStack() as stack:
        early = [stack.enter_context(
            socket.create_connection(("127.0.0.1", port)))
            for port in (20001, 20002)]
        early.append(stack.enter_context(
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)))
        early[-1].connect(path)
        again = manager.start(conf, [*kept.values()], names=[*kept],
                              env=store.env, file="superd.conf")
        early[1].sendall(b"hello")
        for one in early:
            one.settimeout(20 * SLOW)
            assert one.recv(100)
    assert "error" not in again.read_log()
    again.reload(KEPT.format(probe=probe("probe"), path=path).replace(
        "20002", "20003"))
    # one has another socket, the others keep theirs
    wait_for(lambda: sorted(
        inodes.get(name) == inode(one) for name, one in store.read().items())
        == [False, True, True], 10, "a new socket in the store")
    again.reload('service exec {\n    listen = "127.0.0.1:20001"\n'
                 '    internal = daytime\n}\n')
    store.wait(1)
    assert not os.path.exists(path)
