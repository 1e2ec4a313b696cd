"""superd run: a service from the command line alone."""
import contextlib
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess

import pytest
from conftest import SLOW, SUPERD, probe, wait_for

TOP = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 20 * SLOW
ROOT = pytest.mark.root
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run(*args, **more):
    """superd run to its end: (status, stdout, stderr)"""
    done = subprocess.run([SUPERD, "run", *map(str, args)], text=True,
                          capture_output=True, timeout=PATIENCE, **more)
    return done.returncode, done.stdout, done.stderr


class Daemon:
    """superd run that is ready: its process, and where it listens"""

    def __init__(self, args, starter=(), **more):
        ready, end = os.pipe()
        self.log = more.pop("log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*starter, SUPERD, "run", "--ready-fd", str(end),
                 *map(str, args)], pass_fds=[end], stderr=log,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)
        os.close(end)
        with open(ready, encoding="utf-8") as lines:
            # to its end, but one who started it may have it open, too
            self.addresses = (lines.readline() if starter else
                              lines.read()).split()
        assert self.addresses, self.text()

    def text(self):
        return pathlib.Path(self.log).read_text()

    def end(self, signo=signal.SIGTERM):
        self.process.send_signal(signo)
        return self.process.wait(PATIENCE)

    def ask(self, number=0, text=b""):
        return ask(self.addresses[number], text)


def ask(address, text=b""):
    """what a TCP or unix server at this address answers"""
    with contextlib.closing(
            socket.socket(socket.AF_UNIX) if "/" in address else
            socket.create_connection(split(address), PATIENCE)) as one:
        if "/" in address:
            one.connect(address)
        one.settimeout(PATIENCE)
        one.sendall(text)
        one.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: one.recv(4096), b""))


def split(address):
    host, port = address.rsplit(":", 1)
    host = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port)


@pytest.fixture
def oneliner(tmp_path):
    """start(args...): superd run that is ready"""
    daemons = []

    def start(*args, **more):
        daemons.append(Daemon(args, log=tmp_path / f"log{len(daemons)}",
                              **more))
        return daemons[-1]
    yield start
    for daemon in daemons:
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait()


# Serving.

def test_a_program_answers_at_a_port_that_the_system_chose(oneliner):
    daemon = oneliner("127.0.0.1:0", "--", "echo", "one  word", "x")
    assert daemon.ask() == b"one  word x\n"
    assert f"bound echo {daemon.addresses[0]}\n" in daemon.text()
    assert daemon.end() == 0


def test_several_places_are_served_by_one_service(oneliner, tmp_path):
    path = tmp_path / "s"
    daemon = oneliner("127.0.0.1:0", "127.0.0.1:0", "--unix", path, "--",
                      "cat")
    assert len(daemon.addresses) == 3 and str(path) in daemon.addresses
    for i in range(3):
        assert daemon.ask(i, b"abc") == b"abc"
    assert daemon.end() == 0 and not path.exists()


def test_a_relative_path_is_where_it_was_started(oneliner, tmp_path):
    (tmp_path / "answer").write_text("#!/bin/sh\necho here\n")
    (tmp_path / "answer").chmod(0o755)
    daemon = oneliner("--unix", "s", "--", "./answer", cwd=tmp_path)
    assert daemon.addresses == [str(tmp_path / "s")]
    assert daemon.ask() == b"here\n"


def test_a_port_alone_is_for_every_address(oneliner):
    daemon = oneliner("0", "--", "echo", "x")
    assert {split(a)[1] for a in daemon.addresses} == \
        {split(daemon.addresses[0])[1]}
    for i in range(len(daemon.addresses)):
        assert daemon.ask(i) == b"x\n"


def test_internal_and_udp_need_no_program(oneliner):
    daemon = oneliner("--internal", "echo", "--udp", "127.0.0.1:0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(PATIENCE)
        one.connect(split(daemon.addresses[0]))
        one.send(b"x")
        assert one.recv(9) == b"x"


def test_a_wait_server_gets_the_socket(oneliner):
    daemon = oneliner("--wait", "127.0.0.1:0", "--", "python3", "-c",
                      "import socket; s = socket.socket(fileno=0); "
                      "c, _ = s.accept(); c.sendall(b'mine'); c.close()")
    assert daemon.ask() == b"mine"


def test_connections_are_passed_on(oneliner):
    behind = oneliner("127.0.0.1:0", "--", "cat")
    daemon = oneliner("--redirect", behind.addresses[0], "127.0.0.1:0")
    assert daemon.ask(0, b"through") == b"through"


def test_limits_hold(oneliner):
    daemon = oneliner("--only-from", "192.0.2.1", "127.0.0.1:0", "--",
                      "echo", "x")
    with contextlib.suppress(ConnectionResetError):
        assert daemon.ask() == b""
    wait_for(lambda: "reason=access" in daemon.text())


@ROOT
def test_it_needs_no_privileges(oneliner):
    daemon = oneliner("127.0.0.1:0", "--", "id", "-u", starter=AS_NOBODY)
    assert daemon.ask() == b"65534\n"
    assert daemon.end() == 0


@ROOT
def test_user_is_who_the_program_runs_as(oneliner):
    daemon = oneliner("--user", "nobody", "127.0.0.1:0", "--", "id", "-un")
    assert daemon.ask() == b"nobody\n"


@ROOT
def test_as_process_1_it_serves_reaps_and_ends(oneliner):
    starter = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    daemon = oneliner("127.0.0.1:0", "--", "sh", "-c",
                      "(sleep 0 &) ; echo $PPID", starter=starter)
    assert daemon.ask() == b"1\n"
    children = f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children"
    inside = int(pathlib.Path(children).read_text().split()[0])
    os.kill(inside, signal.SIGTERM)
    assert daemon.process.wait(PATIENCE) == 0


def test_a_reload_keeps_the_port_that_was_chosen(oneliner):
    daemon = oneliner("127.0.0.1:0", "--", "echo", "x")
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "kept 1" in daemon.text())
    assert daemon.ask() == b"x\n"


def test_descriptors_of_the_starter_reach_nobody(oneliner):
    """neither the one that is told nor another"""
    ready, end = os.pipe()
    try:
        daemon = oneliner("127.0.0.1:0", "--", "sh", "-c",
                          "echo /proc/self/fd/*")
        assert len(daemon.ask().split()) <= 4     # and that of the shell
    finally:
        os.close(ready)
        os.close(end)


def test_no_files_unless_they_are_asked_for(oneliner, tmp_path):
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    (tmp_path / "run").mkdir(mode=0o700)
    oneliner("127.0.0.1:0", "--", "cat", env=env)
    assert not list((tmp_path / "run").iterdir())
    oneliner("--control", tmp_path / "c", "--pid-file", tmp_path / "p",
             "127.0.0.1:0", "--", "cat", env=env)
    wait_for((tmp_path / "c").exists)
    assert (tmp_path / "p").exists()


def test_two_may_run_at_once(oneliner):
    for _ in range(2):
        assert oneliner("127.0.0.1:0", "--", "echo", "x").ask() == b"x\n"


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(oneliner, signo):
    assert oneliner("127.0.0.1:0", "--", "cat").end(signo) == 0


# What is wrong.

@pytest.mark.parametrize("args,said", [
    ([], "LISTEN: expected PORT"),
    (["1337"], "PROGRAM: expected it after --"),
    (["1337", "--", "nosuchprogram"], "nosuchprogram: expected a program"),
    (["/run/x", "--", "cat"], "/run/x: expected PORT or HOST:PORT"),
    (["1337", "--", "/"], "/: expected a program"),
    (["--nosuch", "1337", "--", "cat"], "--nosuch: unknown option"),
    (["--user"], "--user: expected a value"),
    (["--debug=x", "1", "--", "cat"], "--debug=x: expected no value"),
    (["--nice", "1", "--nice", "2", "1", "--", "cat"],
     "--nice: expected once"),
    (["--redirect", "host", "1"], "--redirect: expected HOST:PORT"),
    (["--ready-fd", "77", "1", "--", "cat"], "--ready-fd: expected"),
    (["--ready-fd", "x", "1", "--", "cat"], "--ready-fd: expected"),
])
def test_wrong_usage_is_2_and_names_the_word(args, said):
    status, out, err = run(*args)
    assert status == 2 and out == "" and f"superd run: {said}" in err


@pytest.mark.parametrize("args,said", [
    (["--per-source", "abc", "1"], "--per-source: error:"),
    (["--user", "nosuchuser", "1"], "--user: error:"),
    (["--only-from", "127.0.0.1,nonsense/99", "1"], "--only-from: error:"),
    (["--no-new-privs=maybe", "1"], "--no-new-privs: error:"),
    (["127.0.0.1:x-y"], "127.0.0.1:x-y: error:"),
    (["--udp", "70000"], "--udp: error:"),
])
@pytest.mark.parametrize("checked", [[], ["-t"]])
def test_errors_are_1_and_name_the_option(args, said, checked):
    status, _, err = run(*checked, *args, "--", "cat")
    assert status == 1 and said in err and "superd run:" not in \
        re.sub(r"superd run: \d+ serv.*", "", err), err


def test_a_port_that_is_taken_ends_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, _, err = run(f"127.0.0.1:{taken.getsockname()[1]}",
                             "127.0.0.1:0", "--", "cat")
    assert status == 1 and "cannot bind" in err


# The same as in a file.

def without_places(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


def rows():
    """attributes that can be written: name, is it for superd itself?"""
    text = (TOP / "conf/attribute_rows.c").read_text()
    found = re.findall(r'\] = \{ "(\w+)", (\w+), \d+, \d+,', text)
    assert len(found) > 100
    return {name: where == "G" for name, where in found
            if name not in ("id", "redirect")}


CANDIDATES = ["yes", "5", "60s", "/tmp", "root", "both", "127.0.0.1", "echo",
              "0644", "ctf", "text", "CAP_CHOWN", "10/s", "2", "HOST", "A=b",
              "log", "stop", "drain", "IPv4", "8:00-17:00", "v1", "syslog",
              "SYSLOG", "daemon", "tcp", "stream", "lo", "none", "224.0.0.5"]
# What is said together with it.
COMPANY = {"listen": [], "port": [], "name": []}


def said(option, value, conf):
    """-T of the option and of the same in a file"""
    word = "--" + option.replace("_", "-")
    listen = COMPANY.get(option, ["7001"])
    one = run("-T", f"{word}={value}", *listen, "--",
              "/bin/cat", "a b", "$c")
    places = 'listen = "7001"\n' if listen else ""
    user = "" if option == "user" else f"user = {os.geteuid() or 'root'}\n"
    line = f"{option} = '{value}'\n"
    is_global = rows()[option]
    title = value if option == "name" else "cat"
    conf.write_text(
        f"{line if is_global else ''}service '{title}' {{\n{places}{user}"
        f"{'' if is_global else line}server = /bin/cat\n"
        f"server_args = {{'a b', '$c'}}\n}}\n")
    two = subprocess.run([SUPERD, "-T", str(conf)], text=True,
                         capture_output=True, timeout=PATIENCE, check=False)
    assert (one[0], without_places(one[1])) == (
        two.returncode, without_places(two.stdout)), (option, value, one[2])
    return one


def test_every_attribute_is_an_option_that_means_the_same(tmp_path):
    conf, again = tmp_path / "superd.conf", tmp_path / "again.conf"
    accepted = []
    for option in set(rows()) - {"server", "server_args", "include",
                                 "inetd_conf", "xinetd_conf", "internal"}:
        for value in CANDIDATES:
            status, printed, err = said(option, value, conf)
            assert "unknown option" not in err and status in (0, 1), err
            if status == 0:
                break
        else:
            continue
        accepted.append(option)
        again.write_text(printed)
        done = subprocess.run([SUPERD, "-T", str(again)], text=True,
                              capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, (option, value, done.stderr)
        assert without_places(done.stdout) == without_places(printed)
    assert len(accepted) > 0.75 * len(rows()), set(rows()) - set(accepted)


def test_lists_are_repeated_or_have_commas():
    _, one, _ = run("-T", "--only-from", "127.0.0.1,::1", "1", "--", "cat")
    _, two, _ = run("-T", "--only-from", "127.0.0.1", "--only-from", "::1",
                    "1", "--", "cat")
    assert without_places(one) == without_places(two)
    assert 'only_from = {"127.0.0.1", "::1"}' in one
    _, out, _ = run("-T", "--env", "A=1,2", "--env", "B=", "1", "--", "cat")
    assert 'env = {"A=1,2", "B="}' in out


def test_arguments_are_taken_as_they_are():
    hard = ["", " ", "a\"b", "$HOME", "\\", "a\nb", "#x", "}", "é"]
    _, out, _ = run("-T", "1", "--", "cat", *hard)
    quoted = ", ".join('"' + re.sub(r'(["\\$])', r"\\\1", text).replace(
        "\n", "\\x0a") + '"' for text in hard)
    assert f"server_args = {{{quoted}}}" in out


def test_help_names_every_option():
    status, out, _ = run("--help")
    assert status == 0
    for name in [*rows(), "redirect", "ready-fd", "udp", "unix"]:
        assert f"--{name.replace('_', '-')}" in out


def test_ready_fd_may_be_standard_output():
    with subprocess.Popen(
            [SUPERD, "run", "--ready-fd=1", "127.0.0.1:0", "--", "cat"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True) as process:
        try:
            address = process.stdout.read().strip()     # to its end
            assert ask(address, b"x") == b"x"
        finally:
            process.terminate()


# Documents.

def lines_of_manual():
    """the lines of superd(8) beside those of other programs"""
    text = (TOP / "man/superd.8").read_text()
    part = text.split(".Ss One line", 1)[1].split("\n.Ss ", 1)[0]
    return re.findall(r"^\.Dl (superd run .*)", part, re.M)


def test_lines_of_the_manual_load(tmp_path):
    lines = lines_of_manual()
    assert len(lines) >= 6
    program = tmp_path / "prog"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for line in lines:
        words = shlex.split(line.replace("\\-", "-"))[2:]
        if "--" in words:
            words[words.index("--") + 1] = str(program)
        status, _, err = run("-t", *words)
        assert status == 0, (line, err)


@pytest.mark.parametrize("name", ["superd.bash", "_superd", "superd.fish"])
def test_completions_ask_superd_for_the_options(name):
    """which are the rows"""
    text = (TOP / "etc/completions" / name).read_text()
    assert "run --help" in text


def test_bash_completes_every_option():
    text = ("source etc/completions/superd.bash; COMP_WORDS=(superd run --); "
            "COMP_CWORD=2; _superd; printf '%s\\n' \"${COMPREPLY[@]}\"")
    env = {**os.environ,
           "PATH": f"{os.path.abspath(os.path.dirname(SUPERD))}:"
                   f"{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", text], cwd=TOP, env=env, text=True,
                          capture_output=True, timeout=PATIENCE)
    offered = done.stdout.split()
    for name in rows():
        assert f"--{name.replace('_', '-')}" in offered, done.stderr
