"""Files of xinetd as they are found on hosts, unchanged, under its name."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import (SUPERD, State, connect, probe, read_all, refused, tcp,
                      udp, wait_for)
from test_attributes import make_root
from test_xinetd_daemon import run_directory, xinetd      # noqa: F401

pytestmark = pytest.mark.root
XINETD_D = pathlib.Path("/etc/xinetd.d")


@pytest.fixture
def etc(xinetd):                                            # noqa: F811
    """start(conf, files): xinetd with this /etc/xinetd.conf and xinetd.d"""
    def start(conf, files):
        pathlib.Path("/etc/xinetd.conf").write_text(conf)
        shutil.rmtree(XINETD_D, ignore_errors=True)
        XINETD_D.mkdir()
        for name, text in files.items():
            (XINETD_D / name).write_text(text)
        return xinetd(None)
    return start


def check():
    done = subprocess.run([SUPERD, "-t", "/etc/xinetd.conf"],
                          capture_output=True, text=True)
    return done.returncode, done.stderr


# Debian.

DEBIAN = """\
# Some defaults, and the services of a directory

defaults
{

# a comment among them
# log_type = SYSLOG daemon info

}

includedir /etc/xinetd.d
"""


def internal(name, kind, **attributes):
    values = {"disable": "no", "type": "INTERNAL", "id": f"{name}-{kind}",
              "socket_type": kind, "user": "root",
              "protocol": "tcp" if kind == "stream" else "udp",
              "wait": "no" if kind == "stream" else "yes"}
    values.update(attributes)
    body = "".join(f"\t{key}\t\t= {value}\n"
                   for key, value in values.items() if value is not None)
    return f"service {name}\n{{\n{body}}}"


def debian_files():
    """Each datagram service stands in two files, with one id."""
    ports = {"chargen": 19, "daytime": 13, "discard": 9, "echo": 7,
             "time": 37}
    files = {}
    for name, port in ports.items():
        files[name] = (f"# default: off\n# description: {name}, which is\n"
                       "# internal.  This is the tcp version.\n" +
                       internal(name, "stream") +
                       "\n\n# This is the udp version.\n" +
                       internal(name, "dgram") + "\n")
        files[f"{name}-udp"] = "# default: off\n" + internal(
            name, "dgram", type="INTERNAL UNLISTED", port=port) + "      \n"
    for name, port in (("services", 9098), ("servers", 9099)):
        files[name] = internal(name, "stream", id=None, port=port,
                               type="INTERNAL UNLISTED", user=None,
                               only_from="127.0.0.1") + "          \n"
    return files


def test_all_of_debians_services_at_once(etc):
    daemon = etc(DEBIAN, debian_files())
    assert tcp(7, b"abc") == b"abc" and udp(7, b"abc") == b"abc"
    assert tcp(9, b"abc") == b"" and udp(9, timeout=0.2) is None
    assert re.match(rb"\w{3} \w{3} +\d", tcp(13))
    assert re.match(rb"\w{3} \w{3} +\d", udp(13))
    assert len(tcp(37)) == 4 and len(udp(37)) == 4
    with connect(19) as s:
        assert s.recv(74, 0x100) == bytes(range(32, 104)) + b"\r\n"
    assert udp(19).endswith(b"\r\n")
    page = tcp(9098).decode().splitlines()
    for line in ("echo-stream tcp 7 0.0.0.0", "time-dgram udp 37 0.0.0.0",
                 "servers tcp 9099 ::"):
        assert line in page
    assert re.fullmatch(r"(\S+ \d+ \d+ 127\.0\.0\.1:\d+\n)*",
                        tcp(9099).decode())
    # what stands twice serves once, and both places are named
    assert daemon.log.read_text().count("already taken") == 5
    code, text = check()
    assert code == 1 and text.count("error:") == 5
    assert "/etc/xinetd.d/echo-udp:2:1: error:" in text
    assert "/etc/xinetd.d/echo:" in text


def test_debians_services_as_they_are_installed(etc):
    """all off, and repeated: nothing clashes, and nothing is said"""
    pathlib.Path("/etc/xinetd.conf").write_text(DEBIAN)
    XINETD_D.mkdir(exist_ok=True)
    for name, text in debian_files().items():
        (XINETD_D / name).write_text(text.replace("= no\n", "= yes\n", 1)
                                     .replace("disable\t\t= no",
                                              "disable\t\t= yes"))
    assert check() == (0, "/etc/xinetd.conf: 0 services, 0 errors, "
                       "0 warnings\n")


# Red Hat.

RED_HAT = """\
#
# The main file.  What is commented out below is a default, or has none.
#

defaults
{
# Which services there are: ids that are not listed do not run.
#	enabled		=
#	disabled	=

# What is logged, and where.
	log_type	= SYSLOG daemon info
	log_on_failure	= HOST
	log_on_success	= PID HOST DURATION EXIT

# Who may come.
#	no_access	=
#	only_from	=
#	max_load	= 0
	cps		= 50 10
	instances	= 50
	per_source	= 10

# Addresses.
#	bind		=
#	mdns		= yes
	v6only		= no

# What servers have.
#	passenv		=
	groups		= yes
	umask		= 002

# What clients read.
#	banner		=
#	banner_fail	=
#	banner_success	=
}

includedir /etc/xinetd.d

"""
STATE = f"""\
# default: on
# description: It tells what it is, over more than one line \\
#	of this comment, for those who look for it with \\
#	chkconfig.
service state
{{
	disable	= no
	type		= UNLISTED
	port		= 20001
	flags		= IPv6
	socket_type     = stream
	wait            = no
	user            = nobody
	server          = {probe("probe")}
	server_args     = --daemon
	log_on_failure  += USERID
}}
"""
HOLD = f"""\
# chkconfig: 345 50 50
# default: off
# description: One that stays.
service hold
{{
	type		= UNLISTED
	port		= 20002
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= {probe("hold")}
	server_args	= 60
	disable		= no
}}
"""


def test_red_hats_file_with_comments_of_chkconfig(etc, mounts, tmp_path):
    group = tmp_path / "group"
    group.write_text(pathlib.Path("/etc/group").read_text() +
                     "extra:x:7654:nobody\n")
    mounts(group, "/etc/group")
    daemon = etc(RED_HAT, {
        "state": STATE, "hold": HOLD,
        "hold.rpmnew": HOLD.replace("20002", "20003"),
        "hold~": HOLD.replace("20002", "20004"),
        "off": HOLD.replace("hold", "off").replace("20002", "20005")
        .replace("= no\n}", "= yes\n}")})
    state = State(tcp(20001))
    assert state.argv == ["probe", "--daemon"]
    assert state["umask"] == "002"
    assert sorted(state["groups"].split()) == ["65534", "7654"]
    assert state.env["REMOTE_HOST"] == "127.0.0.1"      # by an IPv6 socket
    assert State(tcp(20001, host="::1")).env["REMOTE_HOST"] == "::1"
    for port in (20003, 20004, 20005):
        assert refused(port)
    daemon.wait_log("START: state pid=")
    wait_for(lambda: re.search(
        r"EXIT: state status=0 pid=\d+ duration=\d+\(sec\)$",
        daemon.log.read_text(), re.M))
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            s = stack.enter_context(connect(20002))
            assert s.recv(100).startswith(b"held")
        assert tcp(20002) == b""
    daemon.wait_log("FAIL: hold per_source_limit from=127.0.0.1")
    code, text = check()
    assert code == 0 and "2 services, 0 errors" in text


# A game: capture the flag.

CTF = """\
service ctf
{
    disable = no
    socket_type = stream
    protocol    = tcp
    wait        = no
    user        = root
    type        = UNLISTED
    port        = 9999
    bind        = 0.0.0.0
    server      = /usr/sbin/chroot
    # put the program's name here
    server_args = --userspec=1000:1000 ROOT ./challenge
    banner_fail = /etc/banner_fail
    # safety
    per_source  = 10 # servers of one address at the same time
    rlimit_cpu  = 20 # seconds of processor time
    #rlimit_as  = 1024M # memory
    #access_times = 2:00-9:00 12:00-24:00
}
"""
CHALLENGE = """\
#!/bin/sh
echo "cpu $(ulimit -t) $(ulimit -Ht)"
id -u; id -g
echo /* .
read line
echo "$line"
"""


def test_file_of_a_challenge_in_a_chroot(etc, tmp_path):
    root = tmp_path / "ctf"
    for program in ("/bin/sh", "/usr/bin/id"):
        make_root(root, program)
    (root / "bin" / "id").symlink_to("/usr/bin/id")
    (root / "challenge").write_text(CHALLENGE)
    (root / "challenge").chmod(0o755)
    (root / "flag").write_text("flag{}\n")
    pathlib.Path("/etc/banner_fail").write_text("too many connections\n")
    conf = "defaults\n{\n}\nincludedir /etc/xinetd.d\n"
    daemon = etc(conf, {"ctf": CTF.replace("ROOT", str(root))})
    text = tcp(9999, b"line\n").decode()
    top = " ".join(sorted("/" + name for name in os.listdir(root)))
    assert text == f"cpu 20 20\n1000\n1000\n{top} .\nline\n"
    assert refused(9999, "::1")         # bind is IPv4
    wait_for(lambda: not daemon.child_pids(), what="the end of the first")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(9999)) for _ in range(10)]
        for s in clients:
            assert s.recv(1000).startswith(b"cpu 20 20")
        # xinetd drops the line, and lets any number in
        assert tcp(9999) == b"too many connections\n"
        clients[0].sendall(b"x\n")
        read_all(clients[0])
        wait_for(lambda: tcp(9999, b"again\n").endswith(b"again\n"))
    code, text = check()
    assert code == 0 and text.count("a comment after values") == 2
    assert daemon.process.poll() is None
