"""superctl against answers that superd would not give."""

import contextlib
import os
import pty
import resource
import socket
import subprocess
import threading
import time

import pytest
from conftest import SLOW, SUPERCTL


@contextlib.contextmanager
def server(path, answer, wait=0):
    """One client; its request is the list's only member at the end."""
    requests = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve():
            with listener.accept()[0] as s:
                requests.append(s.recv(4096))
                time.sleep(wait)
                with contextlib.suppress(OSError):
                    s.sendall(answer)
        thread = threading.Thread(target=serve)
        thread.start()
        yield requests
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
    (["reload", "--dry-run"], b"reload dry-run\n"),
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
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
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


def on_terminal(path, body, locale):
    """What superctl writes to a terminal."""
    ours, theirs = pty.openpty()
    with server(path, b"EXIT 0\n" + body):
        subprocess.run([SUPERCTL, "-s", path, "status"], stdout=theirs,
                       env=dict(os.environ, LC_ALL=locale), check=True)
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
        thread = threading.Thread(target=flood)
        thread.start()
        done = ctl(path, "-q", "status")
        thread.join()
    assert done.returncode == 1 and b"too long" in done.stderr
    assert resource.getrusage(
        resource.RUSAGE_CHILDREN).ru_maxrss < 600 * 1024
