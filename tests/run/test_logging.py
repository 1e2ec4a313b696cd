"""The log: one line per event, printable, never blocking."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest
from conftest import SLOW, SUPERD, connect, probe, tcp, udp_socket, wait_for

F_SETPIPE_SZ = 1031

DAY = "20001 stream tcp nowait root internal daytime\n"


def test_lines_of_a_connection(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/sh sh -c 'exit 3'\n",
                    args=["-l"])
    tcp(20001)
    match = daemon.wait_log(r"^superd: start 20001/tcp pid=(\d+) "
                            r"peer=127\.0\.0\.1:\d+ children=1$")
    daemon.wait_log(rf"^superd: exit 20001/tcp pid={match[1]} status=3 "
                    r"duration=\d+\.\d{3}$")


def test_without_l_connections_are_not_logged(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n")
    tcp(20001)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.read_log().count("\n") == 1       # ready


def test_peers_are_numeric_and_never_mapped(superd):
    daemon = superd("20001 stream tcp46 nowait nobody /bin/true true\n",
                    args=["-l"])
    tcp(20001)
    daemon.wait_log(r"peer=127\.0\.0\.1:\d+")
    tcp(20001, host="::1")
    daemon.wait_log(r"peer=\[::1\]:\d+")


WHOLE = r"127\.0\.0\.1"


@pytest.mark.parametrize("how,peer", [
    ("full", WHOLE + r":\d+"), ("prefix", r"127\.0\.0\.0/24"),
    ("hash", r"[0-9a-f]{16}"), ("none", "-")])
def test_log_peer_says_what_the_log_has_of_clients(superd, how, peer):
    """in superd's own lines and in xinetd's, for starts, refusals, standard
    error and the deny list, and after a reload"""
    text = f"log_peer = {how}\n" + """
        service 20001 { server = /bin/sh server_args = {-c, "echo x >&2"}
            user = nobody stderr = log log_on_success = HOST }
        service 20002 { internal = daytime no_access = 127.0.0.0/8
            log_on_failure = HOST }
        service 20003 { internal = daytime no_access = 127.0.0.0/8 }
        """
    daemon = superd(text.replace(how, "full"), args=["-l"])
    daemon.reload(text)
    for port in (20001, 20002, 20003):
        with contextlib.suppress(ConnectionError):
            tcp(port)
    host = peer.removesuffix(r":\d+")
    daemon.wait_log(rf"^superd: start 20001 pid=\d+ peer={peer} children=1$")
    daemon.wait_log(rf"^superd: START: 20001 from={host}$")
    daemon.wait_log(rf"^superd: stderr 20001 pid=\d+ peer={peer}: x$")
    daemon.wait_log(rf"^superd: FAIL: 20002 \w+ from={host}$")
    daemon.wait_log(rf"^superd: refuse 20003 peer={peer} reason=access$")
    if how != "full":
        assert not re.search(WHOLE, daemon.read_log())


def test_a_hash_follows_one_client_through_the_log(superd):
    daemon = superd("log_peer = hash\n"
                    "service 20001 { server = /bin/true user = nobody }",
                    args=["-l"])
    for source in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
        tcp(20001, source=(source, 0))
    wait_for(lambda: len(re.findall(r" start ", daemon.read_log())) == 3)
    first, again, other = re.findall(r"peer=([0-9a-f]{16}) ",
                                     daemon.read_log())
    assert first == again != other


@pytest.mark.parametrize("name", ["%n%s%s", "a\x1b[31mb", "caf\u00e9",
                                  "x" * 3000])
def test_text_from_outside_is_made_printable(superd, name):
    """CVE-2001-0763"""
    daemon = superd(f"20001 stream tcp nowait nobody /nonexistent/{name} x\n")
    tcp(20001)
    wait_for(lambda: daemon.service("20001/tcp")["failed"] == 1)
    log = daemon.read_log()
    assert daemon.alive()
    lines = [line for line in log.splitlines() if " exec " in line]
    assert len(lines) == 1 and len(lines[0]) < 2100
    assert all(32 <= ord(c) < 127 for c in lines[0])


@pytest.mark.parametrize("name", [b"%n%n%s", b"a\x1b[31m", b"caf\xe9",
                                  b"x" * 200, b"a b", b"nl\\n"])
def test_tcpmux_name_of_a_client_is_not_logged_raw(superd, name):
    """client-chosen text"""
    daemon = superd("20001 stream tcp nowait root internal tcpmux\n"
                    "tcpmux/x stream tcp nowait nobody /bin/true true\n",
                    args=["-d"])
    assert tcp(20001, name + b"\r\n").startswith(b"-")
    wait_for(lambda: daemon.status()["children"] == 0)
    log = daemon.read_log()
    assert all(32 <= ord(c) < 127 or c == "\n" for c in log), log
    assert all(line.startswith("superd: ") and len(line) < 2100
               for line in log.splitlines())


@pytest.mark.parametrize("name", ["%n%s", "a\x1b[31mb", "new\nline",
                                  "caf\u00e9"])
def test_path_of_the_configuration_is_made_printable(superd, name):
    """in the log, in answers and in the check"""
    daemon = superd("20001 stream tcp nowait root internal daytime\nbad\n",
                    file=name, ready=False)
    daemon.wait_log("20001|too few fields")
    daemon.stopped = True       # refused, or served: both may be
    for text in (daemon.log, subprocess.run(
            [SUPERD, "-t", daemon.conf], capture_output=True,
            text=True).stderr):
        assert "too few fields" in text
        lines = text.splitlines()
        assert sum("too few fields" in line for line in lines) == 1
        assert "\x1b" not in text
        assert not any(line.startswith("line") for line in lines)


@pytest.mark.parametrize("name", [
    b"/bin/c\xe9\"\\\x1b", "/bin/café".encode(), "/bin/\U0001f600\x7f".encode(),
    b"/bin/\xc3", b"/bin/\xed\xb3\xa9\xf4\x90\x80\x80\xc0\xafx"],
    ids=range(5))
def test_status_is_json_whatever_the_names_are(superd, name):
    """UTF-8 is what it is; bytes that are none, quotes and controls are
    escaped, so that the name can be had back"""
    daemon = superd(b"20001 stream tcp nowait root '%s' x\n"
                    b"20002 stream tcp nowait root internal daytime\n" % name)
    assert os.fsencode(daemon.service("20001/tcp")["program"]) == name
    for command in (["show", "20001/tcp"], ["list"], ["--json", "list"]):
        code, text = daemon.ctl(*command)
        assert code == 0 and text


def test_exit_line_tells_signal_and_duration(superd):
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n",
                    args=["-l"])
    with connect(20001) as s:
        pid = int(s.recv(100).split()[1])
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        match = daemon.wait_log(rf"^superd: exit 20001/tcp pid={pid} signal=9 "
                                r"duration=(\d+\.\d{3})$")
    assert 0.5 <= float(match[1]) < 3 * SLOW


def test_wait_service_logs_the_sender_that_woke_it(superd):
    daemon = superd(f"20001 dgram udp wait nobody {probe('once')} once\n",
                    args=["-l"])
    with udp_socket(source=("127.0.0.1", 40001)) as s:
        s.sendto(b"x", ("127.0.0.1", 20001))
        assert s.recv(100)
    daemon.wait_log(r"^superd: start 20001/udp pid=\d+ "
                    r"peer=127\.0\.0\.1:40001 children=1$")


def test_refusals_are_bounded_in_the_log_and_counted(superd):
    """a flood of refusals is no flood of lines"""
    daemon = superd("20001 stream tcp nowait/0/1 nobody /bin/true true\n")
    for _ in range(300):
        tcp(20001)
    refused = daemon.service("20001/tcp")["refused"]["source_rate"]
    assert refused >= 298
    lines = re.findall(r"^superd: refuse 20001/tcp .*$", daemon.read_log(),
                       re.M)
    assert 1 <= len(lines) < 60
    assert re.fullmatch(r"superd: refuse 20001/tcp peer=127\.0\.0\.1:\d+ "
                        r"reason=source_rate", lines[0])


@pytest.fixture
def journal(tmp_path):
    """Runs superd with the journal's end of a socket pair as stderr: the
    lines that it wrote until pattern.  stream says what JOURNAL_STREAM is,
    by default what systemd makes it."""
    def start(text, pattern, stream=None, args=()):
        conf = tmp_path / "inetd.conf"
        conf.write_text(text)
        ours, theirs = socket.socketpair()
        ours.settimeout(10 * SLOW)
        st = os.fstat(theirs.fileno())
        stream = stream or f"{st.st_dev}:{st.st_ino}"
        process = subprocess.Popen(
            [SUPERD, "-F", "-p", "none", "--control", "none", *args, conf],
            stderr=theirs, env=dict(os.environ, JOURNAL_STREAM=stream))
        theirs.close()
        data = b""
        try:
            while not re.search(pattern, data):
                part = ours.recv(4096)
                assert part, data
                data += part
        finally:
            process.terminate()
            process.wait(10 * SLOW)
            ours.close()
        return data.decode().splitlines()
    return start


FORMATS = """log_format = %s
    service 20001 { server = /bin/sh server_args = {-c, "echo 'a\\"b=c' >&2"}
        user = nobody stderr = log }
    service 20002 { internal = echo }
    service 20003 { internal = echo no_access = 127.0.0.0/8
        log_on_failure = HOST }
    """


def talk(daemon):
    """one of each, until all is logged"""
    tcp(20001)
    with connect(20002) as client:
        client.sendall(b"12345")
        assert client.recv(5) == b"12345"
    with contextlib.suppress(ConnectionError):
        tcp(20003)
    wait_for(lambda: len(re.findall(r"exit\W+service", daemon.read_log())) == 2)
    daemon.wait_log("stderr")


def test_json_lines_have_the_parts_of_events(superd):
    daemon = superd(FORMATS % "json", args=["-l"])
    talk(daemon)
    # before the configuration is read, lines are texts
    records = [json.loads(line) for line in daemon.read_log().splitlines()]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                            each["ts"]) and each["level"] == "info"
               for each in records)
    by = {(each["event"], each.get("service")): each for each in records}
    assert by["ready", None]["msg"] == "3 services, 0 children"
    start, end = by["start", "20001"], by["exit", "20001"]
    assert start["pid"] == end["pid"] > 0
    assert start["peer"] == end["peer"]
    assert end["local"] == "127.0.0.1:20001"
    assert end["status"] == 0 and end["maxrss"] > 0
    assert end["utime"] >= 0 and end["stime"] >= 0
    assert end["start"] <= end["ts"] and end["start"][:4] == end["ts"][:4]
    assert by["stderr", "20001"]["msg"] == 'a"b=c'
    echo = by["exit", "20002"]
    assert (echo["in"], echo["out"]) == (5, 5)
    assert echo["duration"] >= 0 and "maxrss" not in echo
    assert by["FAIL", "20003"] | {"ts": 0} == {
        "ts": 0, "level": "info", "event": "FAIL", "service": "20003",
        "reason": "address", "from": "127.0.0.1"}


def test_logfmt_lines_have_the_parts_of_events(superd):
    daemon = superd(FORMATS % "text", args=["-l", "--log-format=logfmt"])
    talk(daemon)
    log = daemon.read_log()
    assert re.search(r"^ts=\S+Z level=info event=start service=20001 "
                     r"pid=\d+ peer=127\.0\.0\.1:\d+ children=1$", log, re.M)
    assert re.search(r'^ts=\S+Z level=info event=stderr service=20001 '
                     r'pid=\d+ peer=\S+ msg="a\\"b=c"$', log, re.M)


def test_log_format_changes_with_a_reload(superd):
    daemon = superd(FORMATS % "text")
    assert daemon.reload(FORMATS % "json")[0] == 0
    daemon.wait_log(r'^\{"ts":"[^"]*","level":"info","event":"reload",')


def test_the_session_that_superctl_has_killed_says_so(superd):
    daemon = superd("log_format = json service 20001 { server = /bin/cat "
                    "user = nobody }", args=["-l"])
    with connect(20001):
        wait_for(lambda: daemon.status()["children"] == 1)
        assert daemon.ctl("kill", "20001")[0] == 0
        daemon.wait_log('"event":"exit".*"signal":15.*"reason":"kill"')


def fields_of(datagram):
    """the journal's native protocol"""
    fields = {}
    while datagram:
        line, datagram = datagram.split(b"\n", 1)
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(datagram[:8], "little")
            value, datagram = datagram[8:8 + size], datagram[9 + size:]
        assert name not in fields
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def native(mounts, tmp_path):
    """A socket where journald has its own."""
    directory = tmp_path / "run/systemd/journal"
    directory.mkdir(parents=True)
    mounts(tmp_path / "run", "/run")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("/run/systemd/journal/socket")
        server.settimeout(10 * SLOW)
        yield server


@contextlib.contextmanager
def runs_for_journal(conf, *args):
    """superd; the journal's end of its stderr, and its process"""
    ours, theirs = socket.socketpair()
    st = os.fstat(theirs.fileno())
    process = subprocess.Popen(
        [SUPERD, "-F", "-p", "none", "--control", "none", *args, conf],
        stderr=theirs, env=dict(os.environ,
                                JOURNAL_STREAM=f"{st.st_dev}:{st.st_ino}"))
    theirs.close()
    ours.settimeout(10 * SLOW)
    try:
        yield ours, process
    finally:
        process.terminate()
        process.wait(10 * SLOW)
        ours.close()


def test_the_journal_gets_fields(native, tmp_path):
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    with runs_for_journal(conf, "-l") as (stderr, _):
        ready = fields_of(native.recv(65536))
        tcp(20001)
        start = fields_of(native.recv(65536))
        end = fields_of(native.recv(65536))
        stderr.setblocking(False)
        with pytest.raises(BlockingIOError):
            stderr.recv(1)
    assert ready["MESSAGE"].startswith("ready: ")
    assert ready["SUPERD_EVENT"] == "ready"
    assert start["PRIORITY"] == "6"
    assert start["SYSLOG_IDENTIFIER"] == "superd"
    assert start["SUPERD_SERVICE"] == "20001/tcp"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", start["SUPERD_PEER"])
    assert start["SUPERD_PID"].isdigit()
    assert end["SUPERD_EVENT"] == "exit"
    assert end["SUPERD_LOCAL"] == "127.0.0.1:20001"
    numbers = {each["MESSAGE_ID"] for each in (ready, start, end)}
    assert len(numbers) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in numbers)


def test_a_journal_that_has_gone_leaves_stderr(native, tmp_path):
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    with runs_for_journal(conf, "-l") as (stderr, _):
        native.recv(65536)
        native.close()
        tcp(20001)
        assert stderr.recv(4096).startswith(b"<6>start 20001/tcp pid=")


def test_usr2_finds_a_journal_that_has_come_and_one_that_has_gone(native,
                                                                  tmp_path):
    """lines are in its stream until the signal, and when it has gone"""
    address = pathlib.Path("/run/systemd/journal/socket")
    hidden = address.with_name("hidden")
    address.rename(hidden)
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    native.setblocking(False)

    def sent():
        """of a connection, once both its lines are somewhere"""
        tcp(20001)
        try:
            return fields_of(native.recv(65536))["SUPERD_SERVICE"]
        except BlockingIOError:
            return None

    with runs_for_journal(conf, "-l") as (stderr, process):
        with stderr.makefile() as lines:
            assert lines.readline().startswith("<6>ready: ")
            hidden.rename(address)
            assert sent() is None
            assert lines.readline().startswith("<6>start 20001/tcp pid=")
            assert lines.readline().startswith("<6>exit 20001/tcp pid=")
            process.send_signal(signal.SIGUSR2)
            wait_for(sent, what="a record in the journal")
            address.unlink()
            process.send_signal(signal.SIGUSR2)
            tcp(20001)
            assert lines.readline().startswith("<6>")


def test_a_full_journal_delays_nobody(native, tmp_path):
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    with runs_for_journal(conf, "-l", "-R", "0"):
        native.recv(65536)
        for _ in range(200):       # more than the buffer of a socket has
            tcp(20001)
        # what fits again says how much was lost
        texts = [fields_of(native.recv(65536))["MESSAGE"]]
        while not any("records dropped" in each for each in texts):
            tcp(20001)
            texts.append(fields_of(native.recv(65536))["MESSAGE"])


def test_priority_is_written_for_the_journal(journal):
    assert journal(DAY, b"ready") == ["<6>ready: 1 service, 0 children"]


@pytest.mark.parametrize("stream", ["1:2", "", ":", "%s:%s"])
def test_priority_is_written_for_nobody_but_the_journal(journal, stream):
    """a variable that was inherited with another stderr: systemd.exec(5)"""
    st = os.stat("/dev/null")
    stream = stream % (st.st_dev, st.st_ino) if "%" in stream else stream
    lines = journal(DAY, b"ready", stream=stream or " ")
    assert lines == ["superd: ready: 1 service, 0 children"]


def test_errors_of_the_configuration_have_the_priority_of_errors(journal):
    """3 for an error, 4 for a warning"""
    lines = journal(DAY + "20002 stream tcp nowait nosuchuser /bin/cat cat\n"
                    "20003 stream tcp nowait root /nonexistent x\n", b"ready")
    levels = {re.search(r": (error|warning): ", line)[1]: line[:3]
              for line in lines if "inetd.conf:" in line}
    assert levels == {"error": "<3>", "warning": "<4>"}


def test_refused_start_has_the_priority_of_errors(journal):
    lines = journal("nonsense\n", b"not started", args=["--strict"])
    assert {line[:3] for line in lines} == {"<3>"}


@contextlib.contextmanager
def syslog(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(path))
        s.settimeout(5)
        yield s


def records(s, pattern):
    end = time.monotonic() + 5 * SLOW
    while time.monotonic() < end:
        text = s.recv(4096).decode()
        if re.search(pattern, text):
            return text
    raise AssertionError(pattern)


@pytest.fixture
def own_dev(tmp_path, mounts):
    """A /dev without anybody's /dev/log."""
    dev = tmp_path / "dev"
    dev.mkdir()
    subprocess.run(["mount", "--rbind", "/dev", dev], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
    for node in ("null", "zero", "tty", "urandom"):
        (open(f"/dev/{node}", "w")).close()
        subprocess.run(["mount", "--bind", dev / node, f"/dev/{node}"],
                       check=True)


@pytest.mark.root
def test_detached_superd_logs_to_syslog_and_survives_its_death(tmp_path,
                                                               own_dev):
    """/dev/log as a datagram socket, dead, and alive again"""
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    pidfile = tmp_path / "pid"
    with syslog("/dev/log") as log:
        subprocess.run([SUPERD, "-l", "-p", pidfile, "--control", "none",
                        conf], check=True)
        text = records(log, "start: 1 service")
        assert re.match(r"<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
                        r"superd\[\d+\]: start: 1 service", text)
        pid = int(pidfile.read_text())
        tcp(20001)
        records(log, r"exit 20001/tcp pid=\d+ status=0")
        # nobody reads: the queue fills, and nothing blocks
        for _ in range(300):
            tcp(20001)
    try:
        os.unlink("/dev/log")
        for _ in range(20):
            tcp(20001)
        with syslog("/dev/log") as log:
            time.sleep(1.1)
            tcp(20001)
            assert "records dropped" in records(log, "dropped")
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not pidfile.exists())


MANY = "".join(f"{port} stream tcp4 nowait root internal daytime\n"
               for port in range(20001, 20061))


def dumped(text):
    """Whether all of MANY is in the dump."""
    return all(re.search(rf"dump {port}/tcp4: listening, internal", text) and
               re.search(rf"dump   socket     0\.0\.0\.0:{port} listening",
                         text) for port in range(20001, 20061))


@pytest.mark.root
@pytest.mark.parametrize("target", ["", "log_type = {SYSLOG, local3}\n"])
def test_dump_loses_no_line_where_syslog_is_slow(tmp_path, own_dev,
                                                 target):
    """its queue takes ten records, and it reads one in a millisecond"""
    pathlib.Path("/proc/sys/net/unix/max_dgram_qlen").write_text("10")
    path = tmp_path / "inetd.conf"
    path.write_text(MANY)
    main = tmp_path / "superd.conf"
    main.write_text(f'{target}inetd_conf = {{"{path}"}}\n')
    pidfile = tmp_path / "pid"
    with syslog("/dev/log") as log:
        subprocess.run([SUPERD, "-p", pidfile, "--control", "none", main],
                       check=True)
        pid = int(pidfile.read_text())
        try:
            records(log, "start: 60 services")
            os.kill(pid, signal.SIGUSR1)
            text = ""
            while "20060/tcp4: " not in text or "counts" not in \
                    text.rsplit("20060/tcp4: ", 1)[1]:
                text += log.recv(4096).decode() + "\n"
                time.sleep(0.001)
        finally:
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not pidfile.exists())
    assert dumped(text)
    assert "dropped" not in text


def test_dump_loses_no_line_and_delays_nobody(superd):
    """whoever reads stderr takes his time"""
    daemon = superd(MANY)
    fcntl.fcntl(daemon.process.stderr, F_SETPIPE_SZ, 4096)
    daemon.signal(signal.SIGUSR1)
    time.sleep(0.1)
    assert tcp(20001) and daemon.ctl("ping")[0] == 0
    daemon.wait_log(r"dump 20060/tcp4: listening(?s:.*)counts ")
    assert dumped(daemon.log)
    assert "dropped" not in daemon.log


def test_dump_that_nobody_reads_ends_with_its_daemon(superd):
    daemon = superd(MANY)
    fcntl.fcntl(daemon.process.stderr, F_SETPIPE_SZ, 4096)
    daemon.signal(signal.SIGUSR1)
    daemon.signal(signal.SIGUSR1)
    assert daemon.ctl("ping")[0] == 0
    daemon.signal(signal.SIGTERM)
    daemon.ended()


def test_debug_says_more(superd):
    daemon = superd(DAY, args=["-d"])
    daemon.wait_log("bind 20001/tcp 0.0.0.0:20001 fd=")
