"""The state of a child, whatever state superd was started in."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import (State, connect, open_terminal, probe, tcp, udp,
                      wait_for)
CONF = f"""\
20001 stream tcp nowait root {probe("probe")} probe
20002 stream tcp wait root {probe("probe")} probe
20003 dgram udp wait root {probe("probe")} probe
20004 stream tcp nowait nobody {probe("probe")} probe
"""
KINDS = [("nowait", lambda: tcp(20001)), ("wait", lambda: tcp(20002)),
         ("dgram", lambda: udp(20003)), ("nobody", lambda: tcp(20004))]
DIRTY = [probe("dirty"), "all", "umask=0", "nofile=512/4096", "--"]
KIND = pytest.mark.parametrize("kind,ask", KINDS, ids=[k for k, _ in KINDS])


@pytest.fixture(autouse=True, params=["fast", "fork"])
def backend(request, monkeypatch):
    """Children share superd's memory until they exec, or are forked."""
    monkeypatch.setenv("SUPERD_SPAWN", request.param)


def ask_probe(superd, ask, **options):
    superd(CONF, **options)
    return State(ask())


@KIND
def test_only_the_socket_is_open_on_0_1_2(superd, kind, ask):
    """CVE-2002-0871"""
    state = ask_probe(superd, ask, starter=DIRTY)
    assert sorted(state.fds) == [0, 1, 2], state.text
    assert len({target for target, _ in state.fds.values()}) == 1
    assert state.fds[0][0].startswith("socket:")


@KIND
def test_nothing_of_a_big_superd_is_open(superd, kind, ask):
    """fifty services, a control socket, a pid file, a live client"""
    lines = "".join(f"{21000 + i} stream tcp nowait root internal echo\n"
                    for i in range(50))
    superd(CONF + lines, args=["-l"])
    with connect(21000) as s:
        s.send(b"x")
        assert s.recv(1) == b"x"
        state = State(ask())
    assert sorted(state.fds) == [0, 1, 2], state.text


def test_the_internal_process_has_its_sockets_only(superd):
    """CVE-2002-0871: it never execs, and so must close by itself"""
    lines = "".join(f"{21000 + i} stream tcp nowait root internal echo\n"
                    for i in range(50))
    daemon = superd(lines, starter=DIRTY)
    with connect(21000) as s:
        s.send(b"x")
        assert s.recv(1) == b"x"
        pid, = daemon.child_pids()
        path = pathlib.Path(f"/proc/{pid}/fd")
        targets = [os.readlink(fd) for fd in path.iterdir()]
        sockets = {one for one in targets if one.startswith("socket:")}
        ours = {os.readlink(fd) for fd in
                pathlib.Path(f"/proc/{daemon.pid}/fd").iterdir()
                if os.path.lexists(fd)}
        # its channel as 0-1, the connection, and a hundred listeners
        assert os.readlink(path / "0") == os.readlink(path / "1")
        assert len(sockets) == 2 + len(sockets & ours) == 102, targets
        # how it is asked whether it runs, and how it knocks
        rest = sorted(one for one in targets if one not in sockets)
        rest = [re.sub(r"pipe:\[\d+\]", "pipe", one) for one in rest]
        assert rest in [["/dev/null"] * n + ["anon_inode:[eventpoll]"] +
                        ["pipe"] * 2 for n in (1, 2)]


@KIND
def test_no_signal_is_ignored_or_blocked(superd, kind, ask):
    state = ask_probe(superd, ask, starter=DIRTY)
    assert int(state["SigIgn"], 16) == 0
    assert int(state["SigBlk"], 16) == 0


@KIND
def test_sockets_are_blocking(superd, kind, ask):
    state = ask_probe(superd, ask)
    assert all(not flags & os.O_NONBLOCK for _, flags in state.fds.values())


@pytest.mark.parametrize("mask", ["0", "77"])
def test_umask_is_022_whatever_the_starter_had(superd, mask):
    """CVE-2001-1322"""
    state = ask_probe(superd, KINDS[0][1],
                      starter=[probe("dirty"), f"umask={mask}", "--"])
    assert state["umask"] == "022"


@KIND
def test_directory_is_root_and_session_is_its_own(superd, tmp_path, kind,
                                                  ask):
    state = ask_probe(superd, ask, cwd=tmp_path)
    assert state["cwd"] == "/"
    assert state["sid"] == state["pid"] and state["tty"] == "no"


@KIND
def test_controlling_terminal_is_not_passed_on(superd, kind, ask):
    master, slave = open_terminal()
    terminal = [probe("dirty"), f"tty={os.ttyname(slave)}", "--"]
    try:
        # the starter does have one
        done = subprocess.run([*terminal, probe("probe")],
                              capture_output=True, check=True)
        assert State(done.stdout)["tty"] == "yes"
        state = ask_probe(superd, ask, starter=terminal)
        assert state["tty"] == "no"
        assert state["sid"] == state["pid"]
    finally:
        os.close(slave)
        os.close(master)


def test_start_in_a_deleted_directory(superd, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    daemon = superd(CONF, starter=["/bin/sh", "-c",
                                   f'cd {gone}; rmdir {gone}; exec "$@"',
                                   "sh"])
    assert State(tcp(20001))["cwd"] == "/"
    assert daemon.alive()


@KIND
def test_environment_is_minimal(superd, kind, ask):
    """CVE-2026-24061"""
    state = ask_probe(superd, ask, starter=DIRTY,
                      env=dict(os.environ, NOTIFY_SOCKET="/nowhere"))
    assert list(state.env) == ["PATH"]
    assert all(p.startswith("/") for p in state.env["PATH"].split(":"))


def test_environment_is_kept_on_demand_but_for_what_is_superds(superd):
    state = ask_probe(superd, KINDS[0][1], args=["-E"], starter=DIRTY)
    assert state.env["SECRET"] == "secret"
    for name in ("LISTEN_FDS", "LISTEN_PID", "MAINPID", "IFS",
                 "LD_PRELOAD_X"):
        assert name not in state.env


@pytest.mark.root
def test_groups_are_exactly_the_users(superd):
    superd(CONF, starter=DIRTY)
    root, nobody = State(tcp(20001)), State(tcp(20004))
    assert root["groups"].split() == ["0"]
    assert nobody["uid"] == "65534 65534" and nobody["gid"] == "65534 65534"
    assert nobody["groups"].split() == ["65534"]
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert int(nobody[name], 16) == 0, name


@pytest.mark.root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_ambient_capabilities_of_superd_are_not_passed_on(superd):
    superd(f"20001 stream tcp nowait root {probe('probe')} probe\n",
           starter=["setpriv", "--inh-caps", "+chown", "--ambient-caps",
                    "+chown"])
    assert int(State(tcp(20001))["CapAmb"], 16) == 0


@pytest.mark.root
def test_supplementary_groups_are_those_of_the_group_file(superd, tmp_path,
                                                          mounts):
    """a user in five groups; and another first group"""
    for name, line in (("passwd", "five:x:4005:4000::/:/bin/sh\n"),
                       ("group", "".join(f"g{i}:x:{4000 + i}:five\n"
                                         for i in range(5)))):
        path = tmp_path / name
        path.write_text(pathlib.Path("/etc", name).read_text() + line)
        mounts(path, f"/etc/{name}")
    superd(f"20001 stream tcp nowait five {probe('probe')} probe\n"
           f"20002 stream tcp nowait five:daemon {probe('probe')} probe\n"
           f"20003 stream tcp nowait 4005 {probe('probe')} probe\n",
           starter=DIRTY)
    state = State(tcp(20001))
    assert state["uid"] == "4005 4005" and state["gid"] == "4000 4000"
    assert sorted(map(int, state["groups"].split())) == \
        [4000, 4001, 4002, 4003, 4004]
    state = State(tcp(20002))
    assert state["gid"] == "1 1"
    assert state["groups"].split()[0] == "1"
    assert sorted(map(int, state["groups"].split())) == \
        [1, 4000, 4001, 4002, 4003, 4004]
    assert State(tcp(20003))["uid"] == "4005 4005"


@pytest.mark.root
def test_group_of_the_user_field_comes_first(superd):
    superd(f"20001 stream tcp nowait nobody:daemon {probe('probe')} probe\n"
           f"20002 stream tcp nowait nobody.daemon {probe('probe')} probe\n"
           f"20003 stream tcp nowait 65534 {probe('probe')} probe\n")
    for port in (20001, 20002):
        state = State(tcp(port))
        assert state["uid"] == "65534 65534"
        assert state["gid"] == "1 1"
        assert state["groups"].split()[0] == "1"
    assert State(tcp(20003))["uid"] == "65534 65534"


@KIND
def test_limits_are_those_superd_was_started_with(superd, kind, ask):
    lines = "".join(f"{21000 + i} stream tcp nowait root internal echo\n"
                    for i in range(300))    # superd needs more than 512
    superd(CONF + lines, starter=DIRTY)
    state = State(ask())
    assert state.rlimit["nofile"] == (512, 4096)


@KIND
def test_priority_core_limit_and_oom_score_pass_unchanged(superd, kind, ask):
    # a sanitizer would change the core limit of what it runs in
    state = ask_probe(superd, ask, starter=[
        probe("dirty"), "nice=3", "core=4096/8192", "oom=123", "--"],
        env=dict(os.environ, ASAN_OPTIONS="disable_coredump=0"))
    assert state["nice"] == "3"
    assert state.rlimit["core"] == (4096, 8192)
    assert state["oom"] == "123"


@pytest.mark.parametrize("closed", ["0", "1", "2", "01", "02", "12", "012"])
def test_start_with_standard_descriptors_closed(superd, tmp_path, closed):
    # stderr may be gone: the control socket tells when it is ready
    daemon = superd(CONF, starter=[probe("dirty"), f"close={closed}", "--"],
                    ready=False)
    wait_for(lambda: daemon.ctl("ping")[0] == 0)
    for _, ask in KINDS:
        state = State(ask())
        assert sorted(state.fds) == [0, 1, 2], state.text
    for fd in (0, 1, 2):
        target = os.readlink(f"/proc/{daemon.pid}/fd/{fd}")
        assert not target.startswith("socket:")


@pytest.mark.parametrize("closed", ["2", "12", "012"])
def test_log_never_goes_to_a_client(superd, closed):
    """xinetd-org pull 22: 2 is closed, and somebody else's soon"""
    daemon = superd("20001 stream tcp nowait nobody /bin/cat cat\n"
                    "20002 stream tcp nowait nobody /nonexistent x\n"
                    "20007 stream tcp nowait root internal echo\n",
                    args=["-d"], ready=False,
                    starter=[probe("dirty"), f"close={closed}", "--"])
    wait_for(lambda: daemon.ctl("ping")[0] == 0)
    with connect(20001) as s, connect(20007) as t:
        for _ in range(5):
            assert tcp(20002) == b""
            daemon.reload()
        for one in (s, t):
            one.sendall(b"mine")
            assert one.recv(100) == b"mine"


def test_signals_still_work_when_started_blocked_and_ignored(superd):
    daemon = superd(CONF, starter=DIRTY)
    daemon.hup(CONF.replace("20001", "20011"))
    assert State(tcp(20011))
    daemon.stop()


def test_writer_dies_of_sigpipe(superd):
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/yes yes\n",
                    args=["-l"])
    with connect(20001) as s:
        s.recv(1024)
    daemon.wait_log(r"exit 20001/tcp pid=\d+ signal=13")
    assert daemon.child_pids() == []


def test_wait_listener_is_nonblocking_again_after_its_child(superd):
    daemon = superd(f"20002 stream tcp wait nobody {probe('acc')} acc\n")
    assert tcp(20002, b"x").endswith(b"x")
    wait_for(lambda: daemon.service("20002/tcp")["state"] == "listening")
    fd = daemon.service("20002/tcp")["listeners"][0]["fd"]
    info = open(f"/proc/{daemon.pid}/fdinfo/{fd}", encoding="ascii").read()
    flags = int(info.split("flags:")[1].split()[0], 8)
    assert flags & os.O_NONBLOCK


def test_argv_is_what_the_line_says(superd):
    """no limit of arguments; quotes group words, empty ones count"""
    args = " ".join(f"a{i}" for i in range(25))
    superd(f"20001 stream tcp nowait root {probe('probe')} probe {args} "
           "\"two words\" 'three more words' \"\" x\"y z\"\n")
    assert State(tcp(20001)).argv == ["probe", *args.split(), "two words",
                                      "three more words", "", "xy z"]


def test_arguments_of_an_indented_line(superd):
    superd(f"20001 stream tcp nowait root {probe('probe')} probe a\n"
           "\t# an indented comment\n   b\n\tc d\n")
    assert State(tcp(20001)).argv == ["probe", "a", "b", "c", "d"]


def test_missing_argv0_is_the_last_part_of_the_path(superd):
    superd(f"20001 stream tcp nowait root {probe('probe')}\n")
    assert State(tcp(20001)).argv == ["probe"]


def test_old_servers_get_an_ipv4_socket(superd):
    superd(CONF)
    state = State(tcp(20001))
    assert state["peer"].startswith("family=2 127.0.0.1 ")
    state = State(tcp(20001, host="::1"))
    assert state["peer"].startswith("family=10 ::1 ")


def test_dual_socket_serves_both_families(superd):
    superd(f"20001 stream tcp46 nowait root {probe('probe')} probe\n")
    assert "family=10" in State(tcp(20001))["peer"]
    assert "family=10" in State(tcp(20001, host="::1"))["peer"]


def test_socket_buffers_of_the_protocol_field(superd):
    superd(f"20001 stream tcp,rcvbuf=16k,sndbuf=32k nowait root "
           f"{probe('probe')} probe\n")
    state = State(tcp(20001))
    assert state.sockopt["rcvbuf"] == 2 * 16384
    assert state.sockopt["sndbuf"] == 2 * 32768
