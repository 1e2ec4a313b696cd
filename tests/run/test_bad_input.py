"""Input that is no configuration, at start and while services run.

What each reader says of a single bad line is in tests/unit, test_check.py and
test_parse.py; here is what must hold whatever a file contains."""

import os
import pathlib
import socket
import subprocess

import pytest
from conftest import SLOW, SUPERD, Superd, connect, refused, tcp

GOOD = {
    "inetd.conf": "20001 stream tcp nowait root internal daytime\n"
                  "20002 stream tcp nowait nobody /bin/echo echo 'a b' \"c\"\n"
                  "20003 on exec = /bin/echo, args = echo \"\\x41\",\n"
                  "  user = nobody;\n",
    "xinetd.conf": "defaults\n{\n\tonly_from = 127.0.0.1 ::1\n}\n"
                   "service daytime\n{\n\ttype = INTERNAL UNLISTED\n"
                   "\tport = 20001\n\tsocket_type = stream\n\twait = no\n"
                   "\tuser = root\n}\n"
                   "service two\n{\n\ttype = UNLISTED\n\tport = 20002\n"
                   "\tsocket_type = stream\n\twait = no\n\tuser = nobody\n"
                   "\tserver = /bin/echo\n\tserver_args = 'a b' c\n}\n",
    "superd.conf": "# comment\nbacklog = 64\n/* another */\n"
                   "defaults {\n\tinstances = 50\n}\n"
                   "service one {\n\tlisten = {\"*:20001\"}\n"
                   "\tinternal = daytime\n}\n"
                   "service two {\n\tlisten = {\"*:20002\"}\n"
                   "\tserver = /bin/echo\n\tserver_args = {\"a b\"}\n"
                   "\tuser = nobody\n}\n",
}
# a port that no good file has
BAD = {
    "inetd.conf": "20009 stream tcp\n",
    "xinetd.conf": "service nine\n{\n\ttype = UNLISTED\n\tport = 20009\n",
    "superd.conf": "service nine {\n\tlisten = {\"*:20009\"}\n",
}
FORMATS = list(GOOD)
INCLUDE = {"inetd.conf": ".include {}\n", "xinetd.conf": "include {}\n",
           "superd.conf": "include = {{\"{}\"}}\n"}


def check(path):
    """superd -t: (exit status, what it said); never a crash or a hang"""
    done = subprocess.run([SUPERD, "-t", path], capture_output=True,
                          timeout=30 * SLOW)
    text = (done.stdout + done.stderr).decode(errors="replace")
    assert "Sanitizer" not in text and "runtime error" not in text, text
    return done.returncode, text


@pytest.fixture(params=FORMATS)
def conf(request, tmp_path):
    """A path of that format, with a good text"""
    path = tmp_path / request.param
    path.write_text(GOOD[request.param])
    return path


def test_good_text_is_good(conf):
    """what the tests below spoil"""
    code, text = check(conf)
    assert code == 0 and " 0 errors" in text, text


def test_every_prefix_is_read_or_refused(conf):
    """no crash, no hang, an exit status that means what was said"""
    data = conf.read_bytes()
    statuses = set()
    for length in range(0, len(data), 1 if SLOW < 2 else 7):
        conf.write_bytes(data[:length])
        code, text = check(conf)
        assert code == (" 0 errors" not in text), (length, text)
        if code:
            assert f"{conf}:" in text and ": error: " in text, text
        statuses.add(code)
    assert statuses == {0, 1}


def test_every_line_left_out_is_read_or_refused(conf):
    lines = conf.read_text().splitlines(True)
    for i in range(len(lines)):
        conf.write_text("".join(lines[:i] + lines[i + 1:]))
        code, text = check(conf)
        assert code == (" 0 errors" not in text), text


def huge(path):
    with open(path, "wb") as file:
        file.truncate(65 << 20)         # over SOURCE_MAX, and no blocks


def spoilt(kind, path):
    """Another thing than the file, or another text."""
    text = path.read_bytes()
    path.unlink()
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(path))
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "huge":
        huge(path)
    elif kind == "nul":
        path.write_bytes(text + b"# \0\n")
    elif kind == "binary":
        path.write_bytes(pathlib.Path("/bin/true").read_bytes())
    elif kind == "random":
        path.write_bytes(bytes(range(1, 256)) * 40)
    elif kind == "unclosed":
        path.write_bytes(text + BAD[path.name].encode())
    return path


KINDS = ["missing", "directory", "fifo", "device", "socket", "loop", "huge",
         "nul", "binary", "random", "unclosed"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_configuration_is_told_by_check(conf, kind):
    code, text = check(spoilt(kind, conf))
    assert code == 1
    assert text.startswith(f"{conf}:") and ": error: " in text, text


def test_what_is_no_configuration_changes_nothing(superd, tmp_path, conf):
    """of every kind, one after the other, while a session goes on"""
    daemon = superd(GOOD[conf.name], file=conf.name)
    good = conf.read_bytes()
    with connect(20002) as session:
        for kind in KINDS:
            spoilt(kind, daemon.conf)
            code, text = daemon.reload()
            assert code == 1 and f"{daemon.conf}:" in text, (kind, text)
            assert ": error: " in text and "nothing was changed" in text
            assert tcp(20001) and refused(20009), kind
            if daemon.conf.is_dir():
                daemon.conf.rmdir()
            daemon.conf.unlink(missing_ok=True)
            daemon.conf.write_bytes(good)
        assert session.recv(100)
    assert daemon.reload()[0] == 0
    assert tcp(20001)


@pytest.mark.parametrize("kind", KINDS)
def test_start_ends_or_serves_what_it_can(tmp_path, conf, kind):
    """a main file that cannot be read ends it, with the reason"""
    spoilt(kind, conf)
    daemon = Superd(tmp_path, "", ready=False, file="unused",
                    args=["-f", conf])
    try:
        daemon.wait_log(rf"{conf}:.*error: ", 10)
        if kind in ("binary", "random", "unclosed"):
            # of superd.conf nothing is known where a brace is missing
            daemon.wait_log("ready:" if kind == "unclosed" else
                            "ready:|error")
            assert refused(20009)
            if kind == "unclosed" and conf.name != "superd.conf":
                assert tcp(20001)
        else:
            daemon.ended(10, expect=1)
    finally:
        daemon.process.kill()
        daemon.process.wait()
        daemon.process.stderr.close()


# Includes.

def included(path, *names):
    return "".join(INCLUDE[path.name].format(path.parent / name)
                   for name in names)


@pytest.mark.parametrize("shape", ["itself", "pair", "link", "three"])
def test_circle_of_includes_is_told_once_and_left(conf, shape):
    """and what stands beside it is read once"""
    good, inc = conf.read_text(), INCLUDE[conf.name]
    other, third = conf.with_name("other"), conf.with_name("third")
    other.write_text(inc.format(third if shape == "three" else conf))
    third.write_text(inc.format(conf))
    first = conf if shape == "itself" else other
    if shape == "link":
        other.unlink()
        other.symlink_to(conf)
    conf.write_text(inc.format(first) + good)
    code, text = check(conf)
    assert code == 1 and "include loop: " in text
    assert text.count("include loop: ") < 20 and len(text) < 10000


def test_folder_that_includes_itself_ends(tmp_path):
    folder = tmp_path / "xinetd.d"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(f"includedir {folder}\n")
    code, text = check(folder / "a")
    assert code == 1 and "include loop: " in text
    assert len(text) < 100000


def test_chain_of_includes_ends_somewhere(conf):
    """a few are followed, a thousand are not"""
    good, inc = conf.read_text(), INCLUDE[conf.name]
    for i in range(1000):
        conf.with_name(f"n{i}").write_text(inc.format(
            conf.with_name(f"n{i + 1}")))
    conf.with_name("n1000").write_text(good)
    conf.write_text(inc.format(conf.with_name("n990")))
    assert check(conf)[0] == 0
    conf.write_text(inc.format(conf.with_name("n0")))
    code, text = check(conf)
    assert code == 1 and "deep" in text and len(text) < 10000


@pytest.mark.parametrize("kind", KINDS)
def test_included_file_that_is_no_configuration_is_named(conf, kind):
    part = conf.with_name("part")
    part.mkdir()
    part = part / conf.name
    part.write_text(conf.read_text())
    conf.write_text(INCLUDE[conf.name].format(part))
    assert check(conf)[0] == 0
    spoilt(kind, part)
    code, text = check(conf)
    assert code == 1 and str(part) in text and ": error: " in text


# Unusual, but good.

@pytest.mark.parametrize("change", [
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: b"# caf\xe9 \xff\xfe\n" + data,
    lambda data: b"#" + b"x" * 100000 + b"\n" + data,
    lambda data: b" " * 100000 + b"\n" + data,
    lambda data: b"\n" * 100000 + data,
    lambda data: data.replace(b"a b", b"x" * 100000),
    lambda data: data.rstrip(b"\n"),
], ids=["bom", "crlf", "no-utf8", "long-comment", "long-blank", "many-lines",
        "long-argument", "no-newline"])
def test_unusual_text_means_the_same(superd, conf, change):
    conf.write_bytes(change(conf.read_bytes()))
    code, text = check(conf)
    assert code == 0 and " 0 errors" in text, text[:2000]
    superd(conf.read_bytes(), file=conf.name)
    assert tcp(20001)


# Again and again.

def reload(daemon, expected):
    """One reload over the control socket: no process for each."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10 * SLOW)
        s.connect(daemon.control)
        s.sendall(b"reload\n")
        answer = s.recv(100)
        assert answer.startswith(b"EXIT %d\n" % expected), answer
        while s.recv(65536):
            pass


def many(daemon, rounds, step):
    """Reloads leave no descriptor and no memory behind."""
    step(0)
    fds = daemon.fds()

    def one(i):
        step(i)
        if i % 100 == 0:
            daemon.read_log()
            daemon.log = daemon.log[-1000:]

    assert daemon.least_growth(one, rounds // 5) < 16 * 1024
    assert daemon.fds() == fds


def test_ten_thousand_failed_reloads_leave_nothing(superd, conf):
    daemon = superd(conf.read_bytes(), file=conf.name)
    daemon.conf.write_text(conf.read_text() + BAD[conf.name])
    many(daemon, 10000 if SLOW < 2 else 1000, lambda i: reload(daemon, 1))
    assert tcp(20001) and tcp(20002) and refused(20009)
    assert daemon.status()["reloads_failed"] > 900


def test_thousand_reloads_of_two_files_leave_nothing(superd, conf):
    """services come and go, change, and stay"""
    good = conf.read_text()
    texts = [good, good.replace("20002", "20005").replace("a b", "other")]
    daemon = superd(good, file=conf.name)

    def step(i):
        daemon.conf.write_text(texts[i % 2])
        reload(daemon, 0)

    many(daemon, 1000 if SLOW < 2 else 200, step)
    step(1)
    assert tcp(20001) and tcp(20005) and refused(20002)


# a good service, text that no reader understands, another good service
LOST = {
    "inetd.conf": "20002 stream tcp nowait nobody /bin/echo 'echo\n",
    "xinetd.conf": "}\n",
    "superd.conf": "service two {\n\tport = 20002\n",
}
SERVED = {
    "inetd.conf": "{port} stream tcp nowait root internal daytime\n",
    "xinetd.conf": "service daytime\n{{\n\ttype = INTERNAL UNLISTED\n"
                   "\tid = p{port}\n\tport = {port}\n\twait = no\n"
                   "\tsocket_type = stream\n}}\n",
    "superd.conf": "service p{port} {{\n\tport = {port}\n"
                   "\tinternal = daytime\n}}\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_stands_behind_lost_text_is_not_served(superd, tmp_path, name):
    """as in xinetd, which stops there; the rest of the host is served, and a
    reload changes nothing"""
    def good(port):
        return SERVED[name].format(port=port)

    (tmp_path / "before").write_text(good(20005))
    (tmp_path / "behind").write_text(good(20006))
    before, behind = (INCLUDE[name].format(tmp_path / file)
                      for file in ("before", "behind"))
    behind = behind.replace("include =", "include +=")
    daemon = superd(before + good(20001) + LOST[name] + good(20003) + behind,
                    file=name)
    for port, served in ((20001, True), (20002, False), (20003, False),
                         (20005, True), (20006, False)):
        assert refused(port) != served, port
    assert "warning: 1 service after this is not served" in daemon.read_log()
    assert "behind is not read: it follows" in daemon.read_log()
    code, text = daemon.reload(good(20004) + LOST[name])
    assert code == 1 and "nothing was changed" in text
    assert tcp(20001) and tcp(20005) and refused(20004)
    assert daemon.reload(good(20003) + behind)[0] == 0
    assert tcp(20003) and tcp(20006) and refused(20001)
