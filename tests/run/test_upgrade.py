"""superctl upgrade: another program in the same process, and nobody is
refused or lost; one that fails is followed by the one before."""

import itertools
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import threading

import pytest
from conftest import (SLOW, SUPERCTL, SUPERD, connect, probe, refused, tcp, udp,
                      wait_for)

HOLD = (f'service "hold" {{ server = {probe("hold")} user = root '
        'port = 20001 instances = 2 }\n')
CAT = ('service "cat" { server = /bin/cat user = root port = 20002 '
       'log_on_success = {PID, EXIT} }\n')
ECHO = 'service "echo" { internal = echo port = 20007 }\n'
DAY = 'service "day" { internal = daytime port = 20013 }\n'
ACC = (f'service "acc" {{ server = {probe("acc")} user = root '
       'port = 20003 wait = yes }\n')
ONCE = (f'service "once" {{ server = {probe("once")} user = root '
        'port = 20005 wait = yes socket_type = dgram }\n')

SANITIZED = "asan" in SUPERD


def upgrade(daemon, *path, expect=0):
    pid = daemon.pid
    status, text = daemon.ctl("upgrade", *map(str, path))
    assert status == expect, text + daemon.read_log()
    assert daemon.alive() and daemon.pid == pid
    return text


def children(daemon, id):
    return len(daemon.service(id)["children"])


def other_version(tmp_path, name="superd-other", version=b"0.2.9"):
    """The same program, but that it says that it is another one."""
    copy = tmp_path / name
    text = pathlib.Path(SUPERD).read_bytes()
    now = re.search(rb"superd (\d\.\d\.\d) ", subprocess.run(
        [SUPERD, "-V"], capture_output=True, check=True).stdout)[1]
    copy.write_bytes(text.replace(now, version))
    copy.chmod(0o755)
    return copy


def program(tmp_path, text, name="program"):
    path = tmp_path / name
    path.write_text(text)
    path.chmod(0o755)
    return path


# What goes on.

def test_same_process_answers_as_the_program_of_before_and_of_another(
        conf, tmp_path):
    daemon = conf(HOLD + ECHO)
    assert upgrade(daemon).startswith("superd ")
    other = other_version(tmp_path)
    assert upgrade(daemon, other) == f"superd 0.2.9 pid {daemon.pid}\n"
    assert "superd 0.2.9" in daemon.ctl("ping")[1]
    assert "superd 0.2.9" not in upgrade(daemon, SUPERD)
    assert daemon.read_log().count("upgrade: done") == 3


def test_sessions_go_on_and_count(conf):
    daemon = conf(HOLD + CAT + ECHO)
    with connect(20001) as held, connect(20002) as cat:
        held.recv(100)
        cat.sendall(b"one\n")
        assert cat.recv(10) == b"one\n"
        before = daemon.service("cat")
        upgrade(daemon)
        assert children(daemon, "cat") == 1
        assert daemon.service("cat")["accepted"] == before["accepted"]
        cat.sendall(b"two\n")
        assert cat.recv(10) == b"two\n"
        with connect(20001) as second:
            second.recv(100)
            assert children(daemon, "hold") == 2
    wait_for(lambda: children(daemon, "cat") == 0 and
             children(daemon, "hold") == 0, what="both to end")
    daemon.wait_log(r"EXIT: cat")


def test_limit_of_instances_holds_over_an_upgrade(conf):
    daemon = conf(HOLD)
    with connect(20001) as one, connect(20001) as two:
        one.recv(100)
        two.recv(100)
        upgrade(daemon)
        with connect(20001) as three:
            three.settimeout(0.3)
            with pytest.raises(TimeoutError):
                three.recv(100)
            one.close()
            three.settimeout(5 * SLOW)
            assert three.recv(100)


def test_internal_connections_live_on_and_new_ones_are_served(conf):
    daemon = conf(ECHO + DAY)
    with connect(20007) as old:
        old.sendall(b"one")
        assert old.recv(10) == b"one"
        upgrade(daemon)
        old.sendall(b"two")
        assert old.recv(10) == b"two"
        with connect(20007) as new:
            new.sendall(b"three")
            assert new.recv(10) == b"three"
        assert tcp(20013)


def test_wait_server_keeps_its_socket_and_is_alone(conf):
    daemon = conf(f'service "serve" {{ server = {probe("serve")} user = root '
                  'port = 20003 wait = yes server_args = 60000 '
                  'socket_type = dgram }\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10 * SLOW)
        s.sendto(b"x", ("127.0.0.1", 20003))
        first = s.recv(100)
        wait_for(lambda: children(daemon, "serve") == 1,
                 what="the server")
        server = daemon.child_pids()
        upgrade(daemon)
        s.sendto(b"y", ("127.0.0.1", 20003))
        assert s.recv(100) == first
        assert children(daemon, "serve") == 1
        assert daemon.service("serve")["listeners"][0]["state"] == "busy"
        assert daemon.child_pids() == server
        os.kill(server[0], signal.SIGKILL)
        wait_for(lambda: children(daemon, "serve") == 0, what="its end")
        s.sendto(b"z", ("127.0.0.1", 20003))
        assert s.recv(100) not in (b"", first)
        for pid in daemon.child_pids():
            os.kill(pid, signal.SIGKILL)


def test_what_was_closed_set_and_denied_stays_so(conf):
    daemon = conf(HOLD + ECHO + DAY + CAT)
    daemon.ctl("disable", "echo")
    daemon.ctl("stop", "day")
    daemon.ctl("set", "hold", "instances=1")
    daemon.ctl("deny", "192.0.2.0/24", "--for", "1h")
    upgrade(daemon)
    assert daemon.service("echo")["state"] == "disabled" and refused(20007)
    assert daemon.service("day")["state"] == "stopped" and refused(20013)
    assert daemon.ctl("show", "hold")[1].count("instances=1")
    assert "192.0.2.0/24" in daemon.ctl("denied")[1]
    assert daemon.ctl("enable", "day")[0] == 0
    assert tcp(20013)
    assert daemon.reload()[0] == 0
    assert daemon.service("echo")["state"] == "listening"


def test_stderr_of_a_session_is_logged_after_an_upgrade(conf):
    daemon = conf('service "sh" { server = /bin/sh user = root port = 20004 '
                  'stderr = log }\n')
    with connect(20004) as s:
        s.sendall(b"echo before >&2\n")
        daemon.wait_log("before")
        upgrade(daemon)
        s.sendall(b"echo after >&2\n")
        daemon.wait_log("after")


def test_second_superd_never_gets_the_lock(conf):
    daemon = conf(DAY)
    stop = threading.Event()
    started = []

    def try_to_start():
        while not stop.is_set():
            done = subprocess.run(
                [SUPERD, "-F", "-p", "none", "--control", "none",
                 str(daemon.conf)], capture_output=True, text=True,
                timeout=60 * SLOW)
            if "already running" not in done.stderr:
                started.append(done)

    thread = threading.Thread(target=try_to_start)
    thread.start()
    try:
        for _ in range(10):
            upgrade(daemon)
    finally:
        stop.set()
        thread.join()
    assert started == []


def test_nobody_is_refused_or_lost(conf, tmp_path):
    """Clients of all kinds, while superd is another one again and again."""
    other = other_version(tmp_path)
    path = tmp_path / "socket"
    daemon = conf(CAT + ECHO + DAY + ACC + ONCE + f'''
        service "unix" {{ server = /bin/cat user = root listen = "{path}" }}
        service "udp" {{ internal = daytime socket_type = dgram port = 20009 }}
        service "redirect" {{ redirect = {{127.0.0.1, 20007}} port = 20008 }}
    ''')
    stop = threading.Event()
    failed, served = [], []

    def again(name, ask):
        while not stop.is_set():
            try:
                assert ask(), "no answer"
            except Exception as error:  # pylint: disable=broad-except
                failed.append((name, repr(error)))
                return
            served.append(name)

    def echo(port):
        with connect(port, timeout=20.0 * SLOW) as s:
            s.sendall(b"hello\n")
            return s.recv(10) == b"hello\n"

    def unix():
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20 * SLOW)
            s.connect(str(path))
            s.sendall(b"hello\n")
            return s.recv(10) == b"hello\n"

    # a client that asks too often gets no answer
    sources = ((f"127.1.{n >> 8 & 255}.{n & 255}", 0)
               for n in itertools.count(1))
    kinds = {
        "cat": lambda: echo(20002),
        "echo": lambda: echo(20007),
        "redirect": lambda: echo(20008),
        "day": lambda: tcp(20013, timeout=20.0 * SLOW),
        "acc": lambda: tcp(20003, b"x", timeout=20.0 * SLOW),
        "once": lambda: udp(20005, timeout=20.0 * SLOW),
        "unix": unix,
        "udp": lambda: udp(20009, timeout=20.0 * SLOW, source=next(sources)),
    }
    threads = [threading.Thread(target=again, args=kind)
               for kind in kinds.items()]
    for thread in threads:
        thread.start()
    try:
        for i in range(3 if SANITIZED else 20):
            upgrade(daemon, SUPERD if i % 2 else other)
            seen = len(served)
            wait_for(lambda: len(served) > seen + 5 or failed,
                     what="more clients")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert set(served) == set(kinds)


def test_no_descriptor_is_left_by_upgrades(conf):
    daemon = conf(HOLD + ECHO + DAY)

    def count():
        status = daemon.status()
        return len([link for link in daemon.fd_links().values()
                    if "eventpoll" not in link]) - 3 * len(status["workers"])

    upgrade(daemon)
    before = wait_for(count)
    for _ in range(3 if SANITIZED else 20):
        upgrade(daemon)
    # the program of before is kept for a second
    wait_for(lambda: count() <= before, what=f"{before} descriptors")


def test_children_get_nothing_of_an_upgrade(conf):
    daemon = conf('service "sh" { server = /bin/sh user = root '
                  'port = 20004 server_args = {"-c", "ls -l /proc/self/fd; env; '
                  'grep Sig[PBIC] /proc/self/status"} }\n', args=["-E"])

    def seen():
        return [line for line in tcp(20004).decode().splitlines()
                if not re.search(r"socket:|/proc/|REMOTE|PORT|total|PWD",
                                 line)]

    before = seen()
    upgrade(daemon)
    assert seen() == before


# What is refused before anything is done.

def test_broken_configuration_refuses_the_upgrade(conf):
    daemon = conf(DAY)
    daemon.write("service {\n")
    text = upgrade(daemon, expect=1)
    assert "configuration is not accepted" in text and "superd.conf:1" in text
    assert tcp(20013)
    daemon.write(DAY)
    upgrade(daemon)


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 0\n",
                                  "#!/bin/sh\nsleep 1000\n", "no program\n"])
def test_what_is_no_superd_is_not_executed(conf, tmp_path, text):
    daemon = conf(DAY)
    reply = upgrade(daemon, program(tmp_path, text), expect=1)
    assert "no superd" in reply
    assert tcp(20013)


def test_other_programs_are_not_executed(conf, tmp_path):
    daemon = conf(DAY)
    assert "no superd" in upgrade(daemon, "/bin/true", expect=1)
    mine = tmp_path / "mine"
    shutil.copy(SUPERD, mine)
    mine.chmod(0o777)
    assert "may write" in upgrade(daemon, mine, expect=1)
    os.chown(mine, 65534, 65534)
    mine.chmod(0o755)
    assert daemon.ctl("upgrade", str(mine))[0] == 1
    assert daemon.ctl("upgrade", "superd")[0] == 2
    assert "directory" in upgrade(daemon, tmp_path / "none", expect=1)
    assert tcp(20013)


def test_program_that_reads_another_state_is_not_executed(conf, tmp_path):
    other = tmp_path / "superd"
    text = pathlib.Path(SUPERD).read_bytes()
    assert text.count(b"superd state %d\n") >= 1
    other.write_bytes(text.replace(b"superd state %d\n",
                                   b"superd state 9%d"))
    other.chmod(0o755)
    daemon = conf(DAY)
    assert "no superd" in upgrade(daemon, other, expect=1)
    assert tcp(20013)


# What fails later.

FAULTS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>

/* The program's name says what goes wrong once it has a state. */
static int is(const char *name)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *base;

	if (n <= 0)
		return 0;
	path[n] = 0;
	base = strrchr(path, '/') + 1;
	return strcmp(base, name) == 0;
}

static int resumes;
static pid_t pid;

__attribute__((constructor)) static void begin(void)
{
	const char *value = getenv("SUPERD_UPGRADE");

	resumes = value != NULL && value[0] >= '0' && value[0] <= '9';
	pid = getpid();
}

int listen(int fd, int queue)
{
	int (*real)(int, int) = dlsym(RTLD_NEXT, "listen");

	if (resumes && getpid() == pid) {
		if (is("aborts"))
			abort();
		if (is("exits"))
			exit(3);
		if (is("crashes"))
			raise(SIGSEGV);
	}
	return real(fd, queue);
}

int fstat(int fd, struct stat *st);

void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *(*real)(void *, size_t, int, int, int, off_t) =
	    dlsym(RTLD_NEXT, "mmap");

	if (resumes && fd >= 64 && prot == PROT_READ && flags == MAP_PRIVATE &&
	    is("blind")) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return real(at, length, prot, flags, fd, offset);
}
"""


@pytest.fixture(name="faulty")
def _faulty(conf, tmp_path):
    """A daemon whose programs fail as their names say."""
    if SANITIZED:
        pytest.skip("the sanitizer's library has to be the first one")
    (tmp_path / "faults.c").write_text(FAULTS)
    library = tmp_path / "faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-include", "sys/stat.h", "-o",
                    library, tmp_path / "faults.c", "-ldl"], check=True)
    return conf(HOLD + ECHO + DAY,
                env={**os.environ, "LD_PRELOAD": str(library)})


@pytest.mark.parametrize("name", ["aborts", "exits", "crashes", "blind"])
def test_program_that_fails_is_followed_by_the_one_before(faulty, tmp_path,
                                                          name):
    other = other_version(tmp_path, name)
    with connect(20001) as held:
        held.recv(100)
        text = upgrade(faulty, other, expect=1)
        assert "the new program failed" in text, text
        assert "superd 0.2.9" not in faulty.ctl("ping")[1]
        assert children(faulty, "hold") == 1
        assert tcp(20013)
        with connect(20007) as s:
            s.sendall(b"x")
            assert s.recv(1) == b"x"
    wait_for(lambda: children(faulty, "hold") == 0,
             what="the end of the session")
    assert "upgrade: failed" in faulty.read_log()
    upgrade(faulty)


def test_program_that_dies_as_it_serves_is_followed_by_the_one_before(
        faulty, tmp_path):
    upgrade(faulty, other_version(tmp_path))
    faulty.signal(signal.SIGSEGV)
    faulty.wait_log(r"upgrade: failed: signal 11")
    assert faulty.alive()
    wait_for(lambda: "superd 0.2.9" not in faulty.ctl("ping")[1])
    assert tcp(20013)


def test_who_follows_events_gets_an_end(conf):
    daemon = conf(CAT)
    with subprocess.Popen([SUPERCTL, "-s", daemon.control, "events"],
                          stdout=subprocess.PIPE) as events:
        try:
            wait_for(lambda: tcp(20002, b"x") and select.select(
                [events.stdout], [], [], 0)[0], what="an event")
            upgrade(daemon)
            events.wait(10 * SLOW)
        finally:
            events.kill()
