"""Clients of unix sockets are users of this host."""

import contextlib
import json
import re
import subprocess
import sys

import pytest
from conftest import SLOW, SUPERD, State, probe, wait_for
from test_internal_process import service as section

pytestmark = pytest.mark.root
ALICE, BOB, CROWD, CLUB = 4711, 4712, 4800, 4801
KINDS = ["stream", "seqpacket"]

# Connects, says what it got, and stays until it is told to go.
CLIENT = """
import socket, sys
s = socket.socket(socket.AF_UNIX, getattr(socket, sys.argv[2]))
s.connect(sys.argv[1])
got = b""
try:
    if sys.argv[3] == "all":
        while block := s.recv(65536):
            got += block
    else:
        s.send(b"x")
        got = s.recv(1)
except (BrokenPipeError, ConnectionResetError):
    pass
sys.stdout.buffer.write(got + b"\\0")
sys.stdout.flush()
sys.stdin.read()
"""


@contextlib.contextmanager
def client(path, uid, gid=CROWD, groups=(), kind="stream", what="all"):
    with subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(path),
             f"SOCK_{kind.upper()}", what], user=uid, group=gid,
            extra_groups=groups, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as process:
        text = b""
        while not text.endswith(b"\0"):
            block = process.stdout.read1()
            assert block, "the client has ended"
            text += block
        yield text[:-1]
        process.stdin.close()


def ask(*args, **options):
    with client(*args, **options) as answer:
        return answer


def on(path, name="one", **options):
    values = {"type": None, "port": None, "protocol": None,
              "listen": f'"{path}"', "socket_mode": "0666",
              "server": f'"{probe("probe")}"', "user": "nobody"}
    if "internal" in options:
        values["server"] = None
    values.update(options)
    return section(name, **values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "socket"


def refused(daemon):
    return daemon.service("one")["refused"]


@pytest.mark.parametrize("kind", KINDS)
def test_only_these_users(conf, path, kind):
    daemon = conf(on(path, socket_type=kind, only_users=f"{{{ALICE}, root}}"))
    assert State(ask(path, ALICE, kind=kind)) and State(ask(path, 0, kind=kind))
    assert ask(path, BOB, kind=kind) == b""
    assert refused(daemon)["access"] == 1
    daemon.wait_log(f"refuse one peer=uid:{BOB} reason=access$")


@pytest.mark.parametrize("kind", KINDS)
def test_only_these_groups(conf, path, kind):
    daemon = conf(on(path, socket_type=kind, only_groups=f"{{{CLUB}, daemon}}"))
    assert State(ask(path, ALICE, CLUB, kind=kind))
    assert State(ask(path, ALICE, CROWD, [5, CLUB, 7], kind=kind))
    assert State(ask(path, ALICE, 1, kind=kind))
    assert ask(path, BOB, kind=kind) == b""
    assert ask(path, 0, 0, [0], kind=kind) == b""
    assert refused(daemon)["access"] == 2


def test_either_list_is_enough(conf, path):
    daemon = conf(on(path, only_users=f"{{{ALICE}}}",
                     only_groups=f"{{{CLUB}}}"))
    assert State(ask(path, ALICE)) and State(ask(path, BOB, CLUB))
    assert ask(path, BOB) == b""
    assert refused(daemon)["access"] == 1


def test_many_groups(conf, path):
    conf(on(path, only_groups=f"{{{CLUB}}}"))
    many = list(range(10000, 10500))
    assert State(ask(path, ALICE, CROWD, [*many, CLUB]))
    assert ask(path, ALICE, CROWD, many) == b""


def test_internal_service_has_users_too(conf, path):
    daemon = conf(on(path, internal="echo", only_users=f"{{{ALICE}}}",
                     only_groups=f"{{{CLUB}}}"))
    assert ask(path, ALICE, what="one") == b"x"
    assert ask(path, BOB, CROWD, [CLUB], what="one") == b"x"
    assert ask(path, BOB, what="one") == b""
    wait_for(lambda: refused(daemon)["access"] == 1)


# As whoever comes.

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", [None, "fork"])
def test_server_is_who_comes(conf, path, monkeypatch, kind, backend):
    if backend:
        monkeypatch.setenv("SUPERD_SPAWN", backend)
    conf(on(path, socket_type=kind, user='"@peer"', env_peer="yes"))
    for uid, groups in ((ALICE, [5, CLUB]), (BOB, []),
                        (ALICE, list(range(9000, 9100)))):
        state = State(ask(path, uid, CROWD, groups, kind=kind))
        assert state["uid"].split() == [str(uid)] * 2
        assert state["gid"].split() == [str(CROWD)] * 2
        assert sorted(map(int, state["groups"].split())) == groups
        assert set(state["CapEff"]) == {"0"} == set(state["CapPrm"])
        assert state.env["REMOTE_UID"] == str(uid)
        assert not {"USER", "HOME", "LOGNAME"} & set(state.env)


def test_root_only_if_that_is_said(conf, path):
    daemon = conf(on(path, user='"@peer"'))
    assert ask(path, 0, 0) == b""
    assert refused(daemon)["access"] == 1
    assert daemon.service("one")["started"] == 0
    # with root's group, but not root
    assert State(ask(path, ALICE, 0))["uid"].split() == [str(ALICE)] * 2
    daemon.reload(on(path, user='"@peer"', peer_root="yes"))
    assert State(ask(path, 0, 0))["uid"].split() == ["0"] * 2


def test_both_together(conf, path):
    conf(on(path, user='"@peer"', only_users=f"{{{ALICE}, root}}"))
    assert State(ask(path, ALICE))["uid"].split() == [str(ALICE)] * 2
    assert ask(path, BOB) == b"" == ask(path, 0)


# Counts, and what is told.

@pytest.mark.parametrize("options", [{"server": '"/bin/cat"'},
                                     {"internal": "echo"}])
def test_per_source_counts_users(conf, path, options):
    daemon = conf(on(path, per_source=1, **options))
    with client(path, ALICE, what="one") as first, \
            client(path, BOB, what="one") as second:
        assert first == b"x" == second
        assert ask(path, ALICE, what="one") == b""
        assert ask(path, BOB, what="one") == b""
        wait_for(lambda: refused(daemon)["per_source"] == 2)
        sessions = json.loads(daemon.ctl("--json", "sessions")[1])
        assert sorted(re.findall(r"uid:(\d+)", json.dumps(sessions))) == \
            [str(ALICE), str(BOB)]
    wait_for(lambda: daemon.service("one")["children"] == [], 5 * SLOW)
    assert ask(path, ALICE, what="one") == b"x"


def test_rate_of_a_user(conf, path):
    daemon = conf(on(path, source_rate="2/1h", server='"/bin/cat"'))
    for _ in range(2):
        assert ask(path, ALICE, what="one") == b"x"
    assert ask(path, ALICE, what="one") == b""
    assert ask(path, BOB, what="one") == b"x"
    assert refused(daemon)["source_rate"] == 1


def test_records_have_the_user(conf, path):
    daemon = conf(on(path), args=["-l", "--log-format", "json"])
    assert State(ask(path, ALICE))
    daemon.wait_log('"event":"exit"')
    record = json.loads(re.search('{.*"event":"exit".*', daemon.log)[0])
    assert record["peer"] == f"uid:{ALICE}"




@pytest.mark.parametrize("options,user,code,text", [
    ({"only_users": f"{{{ALICE}}}"}, f"uid:{ALICE}", 0, r"user +\+ in only_us"),
    ({"only_users": f"{{{ALICE}}}"}, f"uid:{BOB}", 3, "user +- not in only_us"),
    ({"only_users": "{nobody}"}, "nobody", 0, r"user +\+ in only_users"),
    ({"only_groups": "{daemon}"}, "uid:1", 0, r"user +\? by only_groups"),
    ({"only_users": "{nobody}"}, "192.0.2.1", 3, "user +- expected a user"),
    ({"user": '"@peer"'}, "root", 3, "user +- root, and no peer_root"),
    ({"user": '"@peer"'}, f"uid:{ALICE}", 0, r"user +\+ the server runs as"),
    ({}, f"uid:{ALICE}", 0, "next +10 served")])
def test_why_knows_users(conf, path, options, user, code, text):
    daemon = conf(on(path, **options))
    result, answer = daemon.ctl("why", "one", user)
    assert result == code and re.search(text, answer), answer


# What cannot be.

@pytest.mark.parametrize("options,text", [
    ({"only_users": "{nobody-here}"}, "unknown user nobody-here"),
    ({"only_groups": "{nobody-here}"}, "unknown group nobody-here"),
    ({"only_users": "{root}", "listen": None, "port": "20001"},
     "only_users goes with stream and seqpacket services"),
    ({"only_groups": "{daemon}", "socket_type": "dgram", "wait": "yes"},
     "only_groups goes with stream and seqpacket services"),
    ({"only_users": "{root}", "wait": "yes"},
     "only_users goes with stream and seqpacket services"),
    ({"user": '"@peer"', "wait": "yes"},
     "user = @peer goes with stream and seqpacket services"),
    ({"user": '"@peer"', "listen": None, "port": "20001"},
     "user = @peer goes with stream and seqpacket services"),
    ({"user": '"@peer"', "group": "daemon"},
     "group does not go with user = @peer"),
    ({"user": '"@peer"', "env_user": "yes"},
     "env_user does not go with user = @peer"),
    ({"peer_root": "yes"}, "peer_root needs user = @peer")])
def test_entry_that_cannot_be_served(tmp_path, path, options, text):
    file = tmp_path / "superd.conf"
    file.write_text(on(path, **options))
    done = subprocess.run([SUPERD, "-t", "-f", file], capture_output=True,
                          text=True)
    assert re.search(rf"superd.conf:\d+:\d+: error: {re.escape(text)}",
                     done.stderr), done.stderr
    assert done.returncode == 1 and done.stderr.count("error:") == 1


def test_defaults_are_not_forgotten(tmp_path, path):
    """a server that shall run as its client does not run as root"""
    file = tmp_path / "superd.conf"
    file.write_text('defaults { user = "@peer" }\n' +
                    on(path, user=None, listen=None, port=20001))
    done = subprocess.run([SUPERD, "-t", "-f", file], capture_output=True,
                          text=True)
    assert "user = @peer goes with" in done.stderr and done.returncode == 1
