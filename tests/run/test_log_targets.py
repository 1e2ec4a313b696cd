"""log_type: where the lines of a service go."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest
from conftest import SLOW, SUPERD, tcp, wait_for

STAMP = r"\d\d/\d{1,2}/\d{1,2}@\d\d:\d\d:\d\d: "


def service(id="one", port=20001, **options):
    values = {"port": port, "server": "/bin/true", "user": "nobody",
              "log_on_success": "{PID, HOST, EXIT}",
              "log_on_failure": "{HOST}"}
    values.update(options)
    body = "".join(f"\t{key} = {value}\n" for key, value in values.items())
    return f'service "{id}" {{\n{body}}}\n'


def target(path, *limits):
    return "{FILE, " + ", ".join([f'"{path}"', *map(str, limits)]) + "}"


def lines(path):
    try:
        return pathlib.Path(path).read_text().splitlines()
    except FileNotFoundError:
        return []


def ended(path, count):
    """So many EXIT lines are there; all lines."""
    wait_for(lambda: sum("EXIT: " in line for line in lines(path)) >= count,
             what=f"{count} EXIT lines")
    return lines(path)


def test_lines_of_a_service_go_to_its_file(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log)))
    tcp(20001)
    start, end = ended(log, 1)
    match = re.fullmatch(STAMP + r"START: one pid=(\d+) from=127\.0\.0\.1",
                         start)
    assert match, start
    assert re.fullmatch(STAMP + rf"EXIT: one status=0 pid={match[1]}", end)
    assert "START" not in daemon.read_log()
    assert os.stat(log).st_mode & 0o7777 == 0o640


def test_lines_are_appended(conf, tmp_path):
    log = tmp_path / "one.log"
    log.write_text("before\n")
    conf(service(log_type=target(log)))
    tcp(20001)
    assert ended(log, 1)[0] == "before"


def test_refusals_and_pauses_go_to_the_file(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log), only_from="10.0.0.1") +
                  service("two", 20002, log_type=target(log),
                          rate="1/10s", log_on_success="{}"))
    tcp(20001)
    wait_for(lambda: lines(log))
    assert re.fullmatch(STAMP + r"FAIL: one address from=127\.0\.0\.1",
                        lines(log)[0])
    tcp(20002)
    with socket.create_connection(("127.0.0.1", 20002)):
        wait_for(lambda: any(
            re.fullmatch(STAMP + "pause two reason=rate", line)
            for line in lines(log)))
    assert "FAIL" not in daemon.read_log()
    assert "pause" not in daemon.read_log()


def test_lines_of_log_connections_go_to_the_file(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log), log_on_success="{}",
                          log_on_failure="{}"), args=["-l"])
    tcp(20001)
    wait_for(lambda: len(lines(log)) == 2)
    assert re.match(STAMP + r"start one pid=\d+ peer=", lines(log)[0])
    assert re.match(STAMP + r"exit one pid=\d+ status=0 ", lines(log)[1])
    assert "start one" not in daemon.read_log()


def test_services_share_a_file_and_its_descriptor(conf, tmp_path):
    log = tmp_path / "all.log"
    daemon = conf("".join(service(f"s{n}", 20000 + n, log_type=target(log))
                          for n in range(1, 6)))
    for n in range(1, 6):
        tcp(20000 + n)
    text = "\n".join(ended(log, 5))
    for n in range(1, 6):
        assert f"START: s{n} " in text
    fds = [os.readlink(f"/proc/{daemon.pid}/fd/{fd}")
           for fd in os.listdir(f"/proc/{daemon.pid}/fd")]
    assert fds.count(str(log)) == 1


def test_defaults_have_a_log_for_all(conf, tmp_path):
    log, own = tmp_path / "all.log", tmp_path / "own.log"
    conf(f"defaults {{\n\tlog_type = {target(log)}\n}}\n" + service() +
         service("two", 20002, log_type=target(own)))
    tcp(20001)
    tcp(20002)
    assert "START: one " in ended(log, 1)[0]
    assert "START: two " in ended(own, 1)[0]
    assert len(lines(log)) == 2


def test_xinetd_files_have_their_logs(superd, tmp_path):
    log = tmp_path / "all.log"
    superd(f"""defaults
{{
	log_type = FILE {log}
	log_on_success = PID HOST
	log_on_success += DURATION
}}
service one
{{
	type = UNLISTED
	port = 20001
	socket_type = stream
	protocol = tcp
	wait = no
	user = nobody
	server = /bin/true
}}
""", file="xinetd.conf")
    tcp(20001)
    start, end = ended(log, 1)
    assert re.fullmatch(STAMP + r"START: one pid=\d+ from=127.0.0.1", start)
    assert re.fullmatch(STAMP + r"EXIT: one pid=\d+ duration=[01]\(sec\)", end)


def test_soft_limit_is_told_once(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log, 500, 5000)))
    for _ in range(12):
        tcp(20001)
    assert len(ended(log, 12)) == 24
    assert os.stat(log).st_size > 500
    assert daemon.read_log().count(
        f"log {log}: soft limit of 500 bytes reached") == 1


def test_hard_limit_ends_the_log_but_not_the_service(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log, 300, 600)))
    for _ in range(15):
        tcp(20001)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("one")["started"] == 15
    assert 500 < os.stat(log).st_size <= 600
    assert daemon.read_log().count(
        f"log {log}: hard limit of 600 bytes reached") == 1
    assert "START" not in daemon.read_log()
    assert daemon.status()["log_dropped"] > 15
    # as logrotate's copytruncate leaves it
    os.truncate(log, 0)
    tcp(20001)
    assert re.fullmatch(STAMP + r"log: \d+ records dropped",
                        ended(log, 1)[0])


def test_hard_limit_defaults_to_a_little_more_than_the_soft_one(conf,
                                                               tmp_path):
    """1 %, and at least 5 KiB"""
    log = tmp_path / "one.log"
    log.write_bytes(b"x" * (2000 + 5 * 1024))
    daemon = conf(service(log_type=target(log, 2000)))
    tcp(20001)
    daemon.wait_log("hard limit of 7120 bytes reached")


@pytest.mark.parametrize("signo", [signal.SIGHUP, signal.SIGUSR2])
def test_signal_opens_files_anew(conf, tmp_path, signo):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log)))
    tcp(20001)
    ended(log, 1)
    log.rename(tmp_path / "old")
    tcp(20001)
    ended(tmp_path / "old", 2)
    daemon.signal(signo)
    wait_for(log.exists)
    tcp(20001)
    assert len(ended(log, 1)) == 2
    assert len(lines(tmp_path / "old")) == 4


def test_reload_keeps_what_did_not_change(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log)))
    log.rename(tmp_path / "old")
    assert daemon.reload(service(log_type=target(log)) +
                         service("two", 20002))[0] == 0
    tcp(20001)
    ended(tmp_path / "old", 1)
    assert not log.exists()


def test_reload_changes_the_log_of_a_service(conf, tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    daemon = conf(service(log_type=target(one)))
    assert daemon.reload(service(log_type=target(two)))[0] == 0
    tcp(20001)
    assert len(ended(two, 1)) == 2 and lines(one) == []
    assert daemon.reload(service())[0] == 0
    tcp(20001)
    daemon.wait_log("EXIT: one")
    assert len(lines(two)) == 2


def test_exit_of_a_removed_service_is_still_in_its_log(conf, tmp_path):
    log = tmp_path / "one.log"
    daemon = conf(service(log_type=target(log), server="/bin/cat",
                          log_on_success="{}"), args=["-l"])
    with socket.create_connection(("127.0.0.1", 20001)):
        wait_for(lambda: lines(log))
        assert daemon.reload(service("two", 20002))[0] == 0
    wait_for(lambda: len(lines(log)) == 2)
    assert " exit one pid=" in lines(log)[1]


@pytest.mark.parametrize("path,why", [
    ("nowhere/one.log", "No such file or directory"), ("", "directory"),
    ("file/one.log", "Not a directory")])
def test_log_that_cannot_be_opened_is_reported_and_replaced(conf, tmp_path,
                                                            path, why):
    (tmp_path / "file").write_text("")
    daemon = conf(service(log_type=target(tmp_path / path)))
    assert re.search(rf"superd.conf:1.*warning: one: log_type .*{why}; its "
                     "lines go to superd's own log", daemon.read_log())
    code, text = daemon.reload(service(log_type=target(tmp_path / path),
                                       nice=1))
    assert code == 0 and "its lines go to superd's own log" in text
    tcp(20001)
    daemon.wait_log("^superd: START: one ")
    daemon.wait_log("^superd: EXIT: one ")


def test_log_comes_back_by_itself(conf, tmp_path):
    log = tmp_path / "later" / "one.log"
    daemon = conf(service(log_type=target(log)))
    tcp(20001)
    daemon.wait_log("EXIT: one")
    log.parent.mkdir()

    def logged():
        tcp(20001)
        return lines(log)
    wait_for(logged)
    daemon.base += 1        # the file


def test_check_tells_of_a_missing_directory(tmp_path):
    path = tmp_path / "superd.conf"
    path.write_text(f"log_type = {target('/nowhere/y')}\n" +
                    service(log_type=target("/nowhere/x")))
    done = subprocess.run([SUPERD, "-t", path], capture_output=True,
                          text=True)
    assert done.returncode == 0
    assert "warning: one: log_type /nowhere/x: No such file" in done.stderr
    assert "warning: superd: log_type /nowhere/y: No such" in done.stderr


def test_fifo_as_log_blocks_nothing(conf, tmp_path):
    log = tmp_path / "fifo"
    os.mkfifo(log)
    daemon = conf(service(log_type=target(log)))
    tcp(20001)      # nobody reads: the daemon's log has it
    daemon.wait_log("START: one")
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)

    def text():
        tcp(20001)
        with contextlib.suppress(BlockingIOError):
            return os.read(reader, 65536)
    wait_for(text)
    before = daemon.service("one")["started"]
    for _ in range(900):        # more than it holds
        tcp(20001)
    assert daemon.service("one")["started"] == before + 900
    os.read(reader, 1 << 20)
    wait_for(lambda: b"records dropped" in (text() or b""))
    os.close(reader)            # it goes away: EPIPE, and no SIGPIPE
    tcp(20001)
    assert daemon.alive()


def test_full_disk_is_told_once_and_lines_go_on(conf):
    daemon = conf(service(log_type=target("/dev/full")))
    for _ in range(5):
        tcp(20001)
    wait_for(lambda: daemon.read_log().count("EXIT: one") == 5)
    assert daemon.read_log().count("error log /dev/full: No space left") == 1


def test_limit_of_file_sizes_does_not_end_superd(conf, tmp_path):
    """SIGXFSZ"""
    log = tmp_path / "one.log"
    log.write_text("x" * 4096)
    daemon = conf(service(log_type=target(log)),
                  starter=["/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh"])
    for _ in range(5):
        tcp(20001)
    assert daemon.alive()
    daemon.wait_log("EXIT: one")
    assert os.stat(log).st_size == 4096


@pytest.mark.root
def test_links_of_others_are_not_followed(conf, tmp_path):
    public = tmp_path / "public"
    public.mkdir()
    public.chmod(0o1777)
    victim = tmp_path / "victim"
    victim.write_text("")
    link = public / "one.log"
    link.symlink_to(victim)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    theirs = public / "two.log"
    theirs.write_text("")
    os.chown(theirs, 65534, 65534)
    daemon = conf(service(log_type=target(link)) +
                  service("two", 20002, log_type=target(theirs)))
    tcp(20001)
    tcp(20002)
    daemon.wait_log("EXIT: one")
    daemon.wait_log("EXIT: two")
    assert victim.read_text() == "" and theirs.read_text() == ""


def test_daemon_has_a_file_of_its_own(conf, tmp_path):
    log, own = tmp_path / "daemon.log", tmp_path / "own.log"
    daemon = conf(f"log_type = {target(log)}\n" + service() +
                  service("two", 20002, log_type=target(own)), ready=False)
    wait_for(lambda: any("ready: " in line for line in lines(log)))
    tcp(20001)
    tcp(20002)
    ended(own, 1)
    text = "\n".join(ended(log, 1))
    assert re.search(rf"^{STAMP}START: one ", text, re.M)
    assert "two" not in text
    assert daemon.reload()[0] == 0
    wait_for(lambda: any("reload: " in line for line in lines(log)))
    assert daemon.read_log() == ""


def test_hard_limit_of_the_daemons_log_is_told_elsewhere(conf, tmp_path):
    log = tmp_path / "daemon.log"
    daemon = conf(f"log_type = {target(log, 300, 600)}\n" + service(),
                  ready=False)
    wait_for(lambda: lines(log))
    for _ in range(15):
        tcp(20001)
    daemon.wait_log(f"log {log}: hard limit of 600 bytes reached")
    assert "START" not in daemon.read_log()


def test_debug_keeps_the_daemons_lines_on_stderr(conf, tmp_path):
    log = tmp_path / "daemon.log"
    daemon = conf(f"log_type = {target(log)}\n" + service(), args=["-d"])
    tcp(20001)
    daemon.wait_log("START: one")
    assert not log.exists()


def test_stderr_as_target(conf, tmp_path):
    log = tmp_path / "daemon.log"
    daemon = conf(f"log_type = {target(log)}\n" +
                  service(log_type="STDERR"), ready=False)
    wait_for(lambda: lines(log))
    tcp(20001)
    daemon.wait_log("^superd: START: one ")
    assert not any("START" in line for line in lines(log))


# syslog

@pytest.fixture
def devlog(tmp_path, mounts):
    """A /dev with a syslog socket of our own; what comes there."""
    dev = tmp_path / "dev"
    dev.mkdir()
    subprocess.run(["mount", "--rbind", "/dev", dev], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
    for node in ("null", "zero", "tty", "urandom"):
        (open(f"/dev/{node}", "w")).close()
        subprocess.run(["mount", "--bind", dev / node, f"/dev/{node}"],
                       check=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind("/dev/log")
        s.settimeout(5 * SLOW)
        yield s
    subprocess.run(["umount", "-l", dev], check=True)


def priority(s, pattern):
    """Facility and level of the first record like this."""
    while True:
        text = s.recv(4096).decode()
        match = re.fullmatch(r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d "
                             r"\w+\[\d+\]: (.*)", text)
        assert match, text
        if re.search(pattern, match[2]):
            return divmod(int(match[1]), 8)


AUTHPRIV, LOCAL0, DAEMON, INFO, NOTICE = 10, 16, 3, 6, 5


@pytest.mark.root
def test_syslog_facility_and_level_of_a_service(conf, devlog):
    daemon = conf(service(log_type="{SYSLOG, authpriv, notice}") +
                  service("two", 20002, log_type="{SYSLOG, local0}") +
                  service("three", 20003))
    tcp(20001)
    assert priority(devlog, r"^START: one pid=\d+ from=127\.0\.0\.1$") == \
        (AUTHPRIV, NOTICE)
    tcp(20002)
    assert priority(devlog, "^START: two ") == (LOCAL0, INFO)
    tcp(20003)
    daemon.wait_log("^superd: START: three ")
    daemon.base += 1        # the connection, which comes when it is wanted
    assert "one" not in daemon.read_log()


@pytest.mark.root
def test_without_syslogd_the_lines_are_not_lost(conf, devlog):
    os.unlink("/dev/log")
    daemon = conf(service(log_type="{SYSLOG, authpriv}"))
    tcp(20001)
    daemon.wait_log("^superd: EXIT: one ")


@pytest.mark.root
def test_global_facility_in_the_foreground(conf, devlog):
    conf("log_type = {SYSLOG, local0, notice}\n" + service(), ready=False)
    assert priority(devlog, "^ready: ") == (LOCAL0, INFO)
    tcp(20001)
    assert priority(devlog, "^START: one ") == (LOCAL0, INFO)


XINETD = """service one
{
	type = UNLISTED
	port = 20001
	socket_type = stream
	protocol = tcp
	wait = no
	user = nobody
	server = /bin/true
	log_on_success = PID
}
"""


def run_xinetd(tmp_path, *args):
    conf = tmp_path / "xinetd.conf"
    conf.write_text(XINETD)
    program = os.path.join(os.path.dirname(SUPERD), "xinetd")
    return subprocess.Popen(
        [program, "-f", conf, "-dontfork", "-pidfile", "none", *args],
        stderr=subprocess.PIPE, cwd=tmp_path)


@contextlib.contextmanager
def xinetd(tmp_path, *args):
    process = run_xinetd(tmp_path, *args)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10 * SLOW)
        process.stderr.close()


@pytest.mark.root
def test_filelog_of_the_command_line(tmp_path):
    log = tmp_path / "x.log"
    with xinetd(tmp_path, "-filelog", "x.log"):
        wait_for(lambda: lines(log))
        tcp(20001)
        wait_for(lambda: len(lines(log)) == 2)
    assert re.match(STAMP + "ready: ", lines(log)[0])
    assert re.fullmatch(STAMP + r"START: one pid=\d+", lines(log)[1])


@pytest.mark.root
def test_syslog_of_the_command_line(tmp_path, devlog):
    with xinetd(tmp_path, "-syslog", "local0"):
        assert priority(devlog, "^ready: ") == (LOCAL0, INFO)
        tcp(20001)
        assert priority(devlog, "^START: one ") == (LOCAL0, INFO)


def test_syslog_of_the_command_line_needs_a_facility(tmp_path):
    process = run_xinetd(tmp_path, "-syslog", "nothing")
    assert b"-syslog nothing: expected a syslog facility" in \
        process.stderr.read()
    assert process.wait() == 2


@pytest.mark.root
def test_detached_superd_has_no_stderr_to_log_to(tmp_path, devlog):
    conf, pidfile = tmp_path / "superd.conf", tmp_path / "pid"
    conf.write_text(service(log_type="STDERR"))
    done = subprocess.run([SUPERD, "-p", pidfile, "--control", "none", conf],
                          capture_output=True, text=True, check=True)
    try:
        assert "log_type STDERR: superd has no stderr" in done.stderr
        tcp(20001)
        assert priority(devlog, "^START: one ") == (DAEMON, INFO)
    finally:
        os.kill(int(pidfile.read_text()), signal.SIGTERM)
        wait_for(lambda: not pidfile.exists())
