"""superctl against answers that superd would not give."""

import contextlib
import fcntl
import json
import os
import resource
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest
from conftest import SLOW, SUPERCTL, open_terminal


@contextlib.contextmanager
def server(path, answer, wait=0):
    """One client; its request is the list's only member at the end."""
    requests = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve():
            with contextlib.suppress(OSError), listener.accept()[0] as s:
                requests.append(s.recv(4096))
                time.sleep(wait)
                s.sendall(answer)
        thread = threading.Thread(daemon=True, target=serve)
        thread.start()
        try:
            yield requests
        except BaseException:
            # one that nobody has asked would wait for ever
            listener.shutdown(socket.SHUT_RDWR)
            raise
        finally:
            thread.join()


def ctl(path, *args, **kwargs):
    return subprocess.run([SUPERCTL, "-s", path, *args],
                          capture_output=True, timeout=60, **kwargs)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control"


@pytest.mark.parametrize("args,request_line", [
    (["ping"], b"ping\n"),
    (["--json", "status"], b"json status\n"),
    (["list", "--no-header"], b"no-header list\n"),
    (["reload", "--dry-run"], b"reload --dry-run\n"),
    (["--no-header", "--json", "show", "echo/tcp"],
     b"json no-header show echo/tcp\n"),
])
def test_request_is_one_line(path, args, request_line):
    with server(path, b"EXIT 0\n") as requests:
        assert ctl(path, *args).returncode == 0
    assert requests == [request_line]


@pytest.mark.parametrize("answer,status,text", [
    (b"EXIT 0\nbody\n", 0, b"body\n"),
    (b"EXIT 0\n", 0, b""),
    (b"EXIT 1\nno", 1, b"no"),
    (b"EXIT 4\n\n", 4, b"\n"),
    (b"EXIT 0\na\0b\033[31m\xff\n", 0, b"a\0b\033[31m\xff\n"),
    (b"EXIT 0\n" + b"x" * 3000000, 0, b"x" * 3000000),
], ids=range(6))
def test_body_is_copied_and_the_status_is_taken(path, answer, status, text):
    with server(path, answer):
        done = ctl(path, "status")
    assert (done.returncode, done.stdout, done.stderr) == (status, text, b"")


COMMANDS = ("ping, status, list, watch, show, explain, sessions, why, denied, "
            "events, metrics, reload, enable, disable, stop, drain, kill, set, "
            "deny, allow, log-level, upgrade or help")


@pytest.mark.parametrize("args,text", [
    (["lst"], f"lst: expected a command: {COMMANDS}"),
    ([], f"expected a command: {COMMANDS}"),
    (["watch"], "watch: expected a terminal; list is for programs"),
    (["show"], "show: expected a service's ID or how it begins (superctl "
               "list shows them)"),
    (["ping", "x"], "x: expected nothing after ping"),
    (["show", "a", "b"], "b: expected nothing after a"),
    (["--dry-run", "list"], "--dry-run: expected only with reload"),
    (["--frob", "list"], "--frob: unknown option"),
    (["--all", "list"], "--all: expected only with drain"),
    (["-t", "0", "list"], "-t 0: expected seconds, 1 to 86400, or a time such "
     "as 5m"),
    (["--timeout"], "--timeout: expected seconds, 1 to 86400, or a time such "
     "as 5m"),
])
def test_usage_errors_say_what_was_expected(path, args, text):
    done = ctl(path, *args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == \
        f"superctl: {text}\nsuperctl: try superctl --help\n"


def test_help_is_a_command(path):
    done = ctl(path, "help")
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout == ctl(path, "--help").stdout
    assert b"\n  reload" in done.stdout


def test_own_errors_are_json_too(path):
    done = ctl(path, "--json", "ping")
    assert done.returncode == 4
    assert json.loads(done.stdout) == {
        "error": f"{path}: superd is not running (No such file or directory)"}
    assert b"superd is not running" in done.stderr


def test_error_of_superd_is_no_answer(path):
    with server(path, b"ERROR 4\nno such thing\n"):
        done = ctl(path, "status")
    assert (done.returncode, done.stdout, done.stderr) == (
        4, b"", b"superctl: no such thing\n")


@pytest.mark.parametrize("answer", [
    b"", b"EXIT 0", b"EXIT \nbody\n", b"EXIT -1\n", b"EXIT 256\n",
    b"EXIT 0x\n", b"EXIT 99999999999999999999\n", b"HTTP/1.0 200 OK\n",
    b"x" * 100000, b"\n", b"\0EXIT 0\n"], ids=range(11))
def test_other_answers_are_failures(path, answer):
    with server(path, answer):
        done = ctl(path, "status")
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.startswith(b"superctl: ")


def test_quiet_prints_nothing(path):
    with server(path, b"EXIT 3\nbody\n"):
        done = ctl(path, "-q", "ping")
    assert (done.returncode, done.stdout) == (3, b"")


def test_timeout_is_for_the_whole(path):
    start = time.monotonic()
    with server(path, b"EXIT 0\n", wait=2):
        done = ctl(path, "-t", "1", "ping")
        took = time.monotonic() - start
    assert done.returncode == 1 and b"no answer in time" in done.stderr
    assert 1 <= took < 1.9 * SLOW


def test_timeout_holds_where_nobody_accepts(path):
    """a stopped superd with a full backlog"""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen(0)
        for _ in range(3):
            s = stack.enter_context(socket.socket(socket.AF_UNIX))
            s.setblocking(False)
            s.connect_ex(str(path))
        done = ctl(path, "-t", "1", "ping")
    assert done.returncode == 1 and b"no answer in time" in done.stderr


@pytest.mark.parametrize("seconds", ["", "0", "-1", "5x", "x", "86401",
                                     "99999999999999999999"])
def test_bad_timeouts_are_usage_errors(path, seconds):
    assert ctl(path, "-t", seconds, "ping").returncode == 2


def test_reset_is_told(path):
    """superd ended after it had accepted"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        thread = threading.Thread(
            daemon=True, target=lambda: listener.accept()[0].close())
        thread.start()
        done = ctl(path, "ping")
        thread.join()
    assert done.returncode == 1
    assert b"the connection was closed" in done.stderr


@pytest.mark.parametrize("make,status,text", [
    (lambda path: None, 4, b"superd is not running (No such file"),
    (lambda path: path.write_text(""), 4, b"superd is not running (Conn"),
], ids=["missing", "stale"])
def test_superd_that_is_not_running(path, make, status, text):
    make(path)
    done = ctl(path, "ping")
    assert done.returncode == status
    assert b"superctl: %s: " % bytes(path) + text in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_permission_denied_is_told(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        os.chmod(path, 0o600)
        done = ctl(os.path.relpath(path, path.parent), "ping",
                   cwd=path.parent, user="nobody")
    assert done.returncode == 1 and b"permission denied" in done.stderr


def test_full_disk_is_a_failure(path):
    with server(path, b"EXIT 0\n" + b"x" * 100000), \
            open("/dev/full", "wb") as full:
        done = subprocess.run([SUPERCTL, "-s", path, "status"], stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"standard output" in done.stderr


def on_terminal(path, body, locale, columns=0, args=("status",), **env):
    """What superctl writes to a terminal."""
    ours, theirs = open_terminal()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    env = dict(os.environ, LC_ALL=locale, **env)
    with server(path, b"EXIT 0\n" + body):
        subprocess.run([SUPERCTL, "-s", path, *args], stdout=theirs, env=env,
                       check=True)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):
        while part := os.read(ours, 4096):
            text += part
    os.close(ours)
    return text.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("locale,body,shown", [
    ("C.UTF-8", b"a\tb\n", b"a\tb\n"),
    ("C.UTF-8", b"\033[31m\r\b\0\x7f", rb"\033[31m\015\010\000\177"),
    ("C.UTF-8", "zwölf €\n".encode(), "zwölf €\n".encode()),
    ("C", "ö".encode(), rb"\303\266"),
    ("C.UTF-8", b"\xc2\x9b31m", rb"\302\23331m"),       # CSI in one character
    ("C.UTF-8", b"\x9b31m\xff", rb"\23331m\377"),
    ("C.UTF-8", b"\xe2\x82x", rb"\342\202x"),           # broken off
    ("C.UTF-8", b"\xc3\xc3\xb6", rb"\303" + "ö".encode()),
    ("C.UTF-8", b"end \xe2\x82", rb"end \342\202"),
], ids=range(9))
def test_terminal_is_not_steered(path, locale, body, shown):
    assert on_terminal(path, body, locale) == shown


TEN = "12345 äöü€\n".encode()


@pytest.mark.parametrize("locale,columns,body,shown", [
    ("C.UTF-8", 10, TEN, TEN),
    ("C.UTF-8", 11, TEN, TEN),
    ("C.UTF-8", 9, TEN + b"a\n", "12345 äö…\na\n".encode()),
    ("C.UTF-8", 0, TEN, TEN),
    ("C.UTF-8", 5, b"12345\n12345", b"12345\n12345"),
    ("C.UTF-8", 4, b"12345\n12345", "123…\n123…".encode()),
    ("C", 9, b"123456789\n", b"123456789\n"),
    ("C", 9, b"123456789x\n", b"123456...\n"),
    ("C.UTF-8", 6, b"12\xff\n", rb"12\377" + b"\n"),
    ("C.UTF-8", 5, b"12\xff\n", "12…\n".encode()),
    ("C.UTF-8", 6, "汉字汉字\n".encode(), "汉字…\n".encode()),
    ("C.UTF-8", 10, b"1\t9xx\n", "1\t9…\n".encode()),
    ("C.UTF-8", 1, b"123\n", "…\n".encode()),
], ids=range(13))
def test_lines_of_a_table_fit_the_terminal(path, locale, columns, body,
                                           shown):
    assert on_terminal(path, body, locale, columns) == shown


def test_lines_are_cut_in_tables_on_terminals_only(path):
    """COLUMNS is the width, if it is there"""
    line = b"x" * 100 + b"\n"

    def shown(*args, columns=20, **env):
        text = on_terminal(path, line, "C", columns, args, **env)
        os.unlink(path)
        return len(text) - 1
    assert shown("list") == shown("status", "--no-header") == 20
    assert shown("list", COLUMNS="30") == 30
    assert shown("list", COLUMNS="x") == 20
    assert shown("list", "--no-trunc") == 100
    assert shown("list", "--json") == shown("show", "x") == 100
    with server(path, b"EXIT 0\n" + line):
        done = ctl(path, "list", env=dict(os.environ, COLUMNS="20"))
    assert done.stdout == line


def test_endless_answer_ends(path):
    """memory is bounded, whoever answers"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def flood():
            with listener.accept()[0] as s, contextlib.suppress(OSError):
                s.sendall(b"EXIT 0\n")
                while True:
                    s.sendall(b"x" * (1 << 20))
        thread = threading.Thread(daemon=True, target=flood)
        thread.start()
        done = ctl(path, "-q", "status")
        thread.join()
    assert done.returncode == 1 and b"too long" in done.stderr
    assert resource.getrusage(
        resource.RUSAGE_CHILDREN).ru_maxrss < 600 * 1024
