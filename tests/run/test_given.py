"""A configuration that is given, on standard input or in the environment."""
import os
import subprocess

import pytest
from conftest import SLOW, SUPERD, State, connect, probe, tcp

ECHO = "service echo { port = 20001\ninternal = echo }\n"
NAMES = {"stdin": "<stdin>", "environment": "$SUPERD_CONF"}
GIVEN = pytest.mark.parametrize("given", NAMES)


def run(given, text, *args, cwd=None):
    """superd with this text: (status, stdout, stderr)"""
    env = {**os.environ, **({"SUPERD_CONF": text}
                            if given == "environment" else {})}
    done = subprocess.run(
        [SUPERD, *args, *(["-"] if given == "stdin" else [])], env=env,
        input=text if given == "stdin" else "", capture_output=True,
        text=True, timeout=20 * SLOW, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


@GIVEN
@pytest.mark.parametrize("text", [
    ECHO, "20001 stream tcp nowait root internal echo\n",
    "service echo\n{\n\ttype = INTERNAL UNLISTED\n\tid = echo\n"
    "\tsocket_type = stream\n\tprotocol = tcp\n\twait = no\n"
    "\tport = 20001\n}\n"])
def test_any_format_is_served(superd, given, text):
    daemon = superd(text, given=given)
    with connect(20001) as one:
        one.sendall(b"x")
        assert one.recv(1) == b"x"
    assert daemon.status()["config"] == NAMES[given]


@GIVEN
def test_a_reload_reads_the_same_again(superd, given):
    daemon = superd(ECHO, given=given)
    daemon.conf.write_text("service other { port = 20002\ninternal = echo }")
    for _ in range(3):
        status, text = daemon.reload()
        assert status == 0 and "kept 1" in text, text
    assert daemon.service("echo")


@GIVEN
def test_explain_finds_its_lines(superd, given):
    daemon = superd(ECHO, given=given)
    status, text = daemon.ctl("explain", "echo.port")
    assert status == 0 and f"{NAMES[given]}:1" in text, text


@GIVEN
def test_messages_name_where_it_came_from(given):
    status, _, err = run(given, ECHO + "service x { nosuch = 1 }\n", "-t")
    assert status == 1
    assert f"{NAMES[given]}:3:13: error:" in err and "nosuch" in err
    status, _, err = run(given, ECHO, "-t")
    assert status == 0 and f"{NAMES[given]}: 1 service, 0 errors" in err


@GIVEN
def test_what_is_printed_means_the_same(given):
    status, printed, _ = run(given, ECHO, "-T")
    assert status == 0
    status, again, _ = run(given, printed, "-T")
    assert status == 0 and "port" in ECHO
    assert [line for line in again.splitlines() if "#" not in line] == \
        [line for line in printed.splitlines() if "#" not in line]


@GIVEN
def test_a_bad_one_starts_nothing(given):
    status, _, err = run(given, "service x {", "-F", "-p", "none",
                         "--control", "none", "--strict")
    assert status == 1 and f"{NAMES[given]}:1" in err


def test_bytes_that_are_no_text_are_refused():
    done = subprocess.run([SUPERD, "-t", "-"], input=b"a\n\0b",
                          capture_output=True, timeout=20 * SLOW)
    assert done.returncode == 1
    assert done.stderr.startswith(b"<stdin>:2:1: error: NUL byte")


@GIVEN
def test_a_relative_include_has_no_directory(given, tmp_path):
    (tmp_path / "more.conf").write_text(ECHO)
    status, _, err = run(given, "include = more.conf\n", "-t", cwd=tmp_path)
    assert status == 1 and "expected an absolute path" in err
    status, _, err = run(given, f"include = '{tmp_path}/more.conf'\n", "-t")
    assert status == 0 and "1 service" in err


def test_a_file_goes_before_the_environment(tmp_path):
    conf = tmp_path / "superd.conf"
    conf.write_text(ECHO)
    for args in ([str(conf)], ["-f", str(conf)], ["-"]):
        done = subprocess.run(
            [SUPERD, "-t", *args], input=ECHO.encode(),
            env={**os.environ, "SUPERD_CONF": "service x {"},
            capture_output=True, timeout=20 * SLOW)
        assert done.returncode == 0, done.stderr


def test_inetds_do_not_look_at_the_environment(tmp_path):
    """their users have never heard of it"""
    inetd = os.path.join(os.path.dirname(SUPERD), "inetd")
    conf = tmp_path / "inetd.conf"
    conf.write_text("")
    done = subprocess.run([inetd, "-t"], capture_output=True, text=True,
                          env={**os.environ, "SUPERD_CONF": "service x {"},
                          timeout=20 * SLOW)
    assert "SUPERD_CONF" not in done.stderr


@pytest.mark.root
@GIVEN
def test_children_get_nothing_of_it(superd, given):
    daemon = superd(f"service one {{ port = 20001\nserver = "
                    f"{probe('probe')}\nuser = root\nenv_all = yes }}",
                    given=given)
    state = State(tcp(20001))
    assert "SUPERD_CONF" not in state.env
    with open(f"/proc/{daemon.pid}/fd/0", "rb") as stdin:
        assert stdin.name and os.path.samefile(
            f"/proc/{daemon.pid}/fd/0", "/dev/null")


@GIVEN
def test_two_may_run_beside_each_other(superd, given):
    """there is no file that one of them has"""
    superd(ECHO, given=given)
    status, _, err = run(
        given, "service x { port = 20009\ninternal = nosuch }",
        "-F", "-p", "none", "--control", "none", "--strict")
    assert "already running" not in err and status == 1
