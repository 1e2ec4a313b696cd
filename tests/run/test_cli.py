"""Command line: usage, check, print, version."""

import os
import socket
import subprocess

import pytest
from conftest import ROOT, SUPERCTL, SUPERD, tcp, wait_for

GOOD = "20001 stream tcp nowait root internal daytime\n"


def superd_run(*args, name="superd", **options):
    program = os.path.join(os.path.dirname(SUPERD), name)
    return subprocess.run([program, *map(str, args)], capture_output=True,
                          text=True, timeout=30, **options)


@pytest.mark.parametrize("args,problem", [
    ("-Z", "-Z: unknown option"),
    ("-tZ", "-Z: unknown option"),
    ("--nonsense", "--nonsense: unknown option"),
    ("--check=5", "--check=5: expected no value"),
    ("-f", "-f: expected a file"),
    ("--file", "--file: expected a file"),
    ("-R many", "-R many: expected a number of starts per minute"),
    ("-lRmany", "-R many: expected a number of starts per minute"),
    ("--rate=-1", "--rate -1: expected a number of starts per minute"),
    ("--rate 1000000001", "--rate 1000000001: expected a number of starts "
     "per minute"),
    ("-C 5x", "-C 5x: expected a number of starts per minute"),
    ("-q -1", "-q -1: expected a number of connections"),
    ("-c +1", "-c +1: expected a number of children"),
    ("-s 0x10", "-s 0x10: expected a number of children"),
    ("--max-children x", "--max-children x: expected a number of children"),
    ("--format toml", "--format toml: expected inetd, xinetd or superd"),
    ("a b c", "c: expected at most a file and a directory"),
    ("-f a b c", "c: expected at most a file and a directory"),
])
def test_usage_errors_name_the_option_and_what_it_expects(args, problem):
    done = superd_run(*args.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"superd: {problem}\nsuperd: try superd --help\n"


def test_version_and_help():
    done = superd_run("--version")
    assert done.returncode == 0 and done.stdout.startswith("superd 0.")
    done = superd_run("-h")
    assert done.returncode == 0 and "--max-children" in done.stdout


def test_no_arguments_and_no_file_is_an_error_with_its_name(tmp_path):
    """openbsd-inetd detaches and returns 0"""
    done = superd_run("-F", "-p", "none", "--control", "none",
                      tmp_path / "none")
    assert done.returncode == 1
    assert f"{tmp_path}/none: error: No such file" in done.stderr
    assert "ready" not in done.stderr


@pytest.mark.root
def test_unreadable_file_is_told_as_such(tmp_path):
    """a user who may not read it"""
    conf = tmp_path / "c"
    conf.write_text(GOOD)
    conf.chmod(0)
    for args in (["-t"], ["-F", "-p", "none", "--control", "none"]):
        done = superd_run(*args, conf, user=65534, group=65534,
                          extra_groups=[])
        assert done.returncode == 1
        assert f"{conf}: error: Permission denied" in done.stderr


@pytest.mark.parametrize("what", ["directory", "fifo", "device"])
def test_file_that_is_no_regular_file_is_refused_at_once(tmp_path, what):
    """nobody waits for a writer"""
    path = tmp_path / "c"
    if what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    else:
        path = "/dev/zero"
    done = superd_run("-t", path)
    assert done.returncode == 1 and f"{path}: error: " in done.stderr


def test_exit_statuses_are_distinct(tmp_path):
    """2 for usage, 1 for the configuration, 0 for good"""
    conf = tmp_path / "c"
    conf.write_text(GOOD)
    assert superd_run("-t", conf).returncode == 0
    assert superd_run("-t", tmp_path / "none").returncode == 1
    assert superd_run("-t", "--frob", conf).returncode == 2


def test_check_does_not_mind_a_port_in_use(tmp_path):
    """it never binds"""
    conf = tmp_path / "c"
    conf.write_text(GOOD)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20001))
        busy.listen()
        done = superd_run("-t", conf)
    assert done.returncode == 0 and "in use" not in done.stderr


@pytest.mark.parametrize("args", [["-i"], ["-d", "-i"], ["-i", "-R", "5"],
                                  ["-F", "-q", "5"], ["-E", "-i"],
                                  ["-d"], ["-f"], ["-f", "-e"], ["-ef"],
                                  ["-p", "-i"], ["--pidfile", "-i"]])
def test_inetds_command_lines_start_it(superd, args):
    """openbsd-inetd's and the others' flags, under the name of inetd"""
    daemon = superd(GOOD, args=args, name="inetd")
    assert tcp(20001)
    assert daemon.log.startswith("inetd: ")


def test_inetds_pid_file_is_not_its_configuration(tmp_path):
    """GNU's -p needs no value: what follows it is the file there"""
    conf = tmp_path / "c"
    conf.write_text(GOOD)
    for option in ("-p", "--pidfile"):
        done = superd_run(option, conf, conf, name="inetd")
        assert done.returncode == 2
        assert "-p: expected a pid file, not the con" in done.stderr
    assert conf.read_text() == GOOD
    assert superd_run("-f", "-t", conf, name="inetd").returncode == 0


def test_check_is_silent_about_good_files_and_binds_nothing(tmp_path):
    conf = tmp_path / "c"
    conf.write_text("22 stream tcp nowait root internal daytime\n")
    done = superd_run("-t", conf)
    assert done.returncode == 0
    assert done.stderr == f"{conf}: 1 service, 0 errors, 0 warnings\n"


@pytest.mark.root
def test_check_of_another_user_says_which_ports_are_roots(tmp_path):
    """and that is no fault: root may be meant to run it"""
    conf = tmp_path / "c"
    line = "{} stream tcp nowait root internal daytime\n"
    conf.write_text("".join(map(line.format, (20001, 22, 21))) +
                    "7 on bind = 127.0.0.1;\n9 off;\n"
                    f"{tmp_path}/x stream unix nowait root internal echo\n")
    for args, code in ((["-t"], 0), (["-t", "--strict"], 0)):
        done = superd_run(*args, conf, user=65534)
        assert done.returncode == code
        assert done.stderr == \
            f"{conf}: note: root is needed for ports 7, 21, 22\n" \
            f"{conf}: 5 services, 0 errors, 0 warnings\n"
    conf.write_text("".join(line.format(port) for port in range(100, 200)))
    done = superd_run("-t", conf, user=65534)
    assert "for ports 100, 101," in done.stderr
    assert "115, and 84 more\n" in done.stderr
    conf.write_text(line.format(20001))
    assert "note" not in superd_run("-t", conf, user=65534).stderr
    assert "note" not in superd_run("-t", conf).stderr


def test_check_says_which_file_cannot_be_read(tmp_path):
    done = superd_run("--check", tmp_path / "none")
    assert done.returncode == 1
    assert f"{tmp_path}/none: error: No such file or directory" in done.stderr


def test_strict_makes_warnings_count(tmp_path):
    conf = tmp_path / "c"
    conf.write_text("20001 stream tcp nowait root /nonexistent x\n")
    assert superd_run("-t", conf).returncode == 0
    assert superd_run("-t", "--strict", conf).returncode == 1


def test_both_sample_files_are_accepted():
    """every line of them; missing programs are warnings"""
    for name in ("inetd.conf.netprog", "inetd.conf.bits"):
        path = ROOT / "tests/acceptance/samples" / name
        done = superd_run("-t", "--insecure-files", path)
        errors = [line for line in done.stderr.splitlines()
                  if ": error:" in line and "user" not in line]
        assert errors == [], done.stderr


def test_print_shows_the_effective_configuration(tmp_path):
    conf = tmp_path / "c"
    conf.write_text("20001 stream tcp nowait.30 root /bin/cat cat -u\n")
    done = superd_run("-T", conf)
    assert done.returncode == 0
    for text in ('service "20001/tcp" {', 'server = "/bin/cat"',
                 'server_args = {"-u"}', 'rate = 30/60s',
                 'listen = {"*:20001"}',
                 "max_children = 1000"):
        assert text in done.stdout


@pytest.mark.parametrize("option", ["-p{}", "--pidfile={}", "-p {}"])
def test_pid_file_option_in_all_its_forms(superd, tmp_path, option):
    path = tmp_path / "the.pid"
    daemon = superd(GOOD, args=option.format(path).split())
    # the fixture's own "-p none" comes first; the later option counts
    assert path.read_text() == str(daemon.pid)
    daemon.stop()
    assert not path.exists()


def test_superd_conf_globals_and_included_files(superd, tmp_path):
    (tmp_path / "a.inetd").write_text(GOOD)
    (tmp_path / "b.inetd").write_text(
        "20002 stream tcp nowait root internal daytime\n")
    daemon = superd("# comment\nmax_children = 7 // seven\nbacklog = 50\n"
                    "/* rate\n */ rate = 2\n"
                    f'inetd_conf = {{"{tmp_path}/*.inetd"}}\n',
                    file="superd.conf")
    assert tcp(20001) and tcp(20002)
    status = daemon.status()
    assert status["max_children"] == 7
    assert [os.path.basename(f) for f in status["files"]] == \
        ["superd.conf", "a.inetd", "b.inetd"]


def test_pid_file_of_superd_conf(superd, tmp_path):
    conf = tmp_path / "superd.conf"
    conf.write_text(f'pid_file = "{tmp_path}/x.pid"\n')
    done = superd_run("--control", "none", conf)
    assert done.returncode == 0, done.stderr
    pid = int((tmp_path / "x.pid").read_text())
    again = superd_run("--control", "none", conf)
    assert again.returncode == 1 and f"pid {pid}" in again.stderr
    os.kill(pid, 15)
    wait_for(lambda: not (tmp_path / "x.pid").exists())


@pytest.mark.parametrize("text,message", [
    ("ratt = 3\n", ":1:1: error: unknown option ratt, did you mean rate?"),
    ("# c\n# c\nbacklog = -1\n", ":3:11: error: backlog -1: expected a number from"),
    ("inetd_conf = {\"/none\"}\n", "cannot include /none: No such file"),
    ("strict = yes\nlog_facility = \"dmn\"\n", ":2:16: error: log_facility dmn: expected a syslog facility"),
    ("rate = {\n", ":1:8: error: this brace is not closed"),
    ("control = \"x\n", ":1:11: error: this quote is not closed"),
])
def test_superd_conf_errors_have_their_place(tmp_path, text, message):
    conf = tmp_path / "superd.conf"
    conf.write_text(text)
    done = superd_run("-t", conf)
    assert done.returncode == 1
    assert message in done.stderr, done.stderr


def test_superctl_without_superd(tmp_path):
    done = subprocess.run([SUPERCTL, "-s", tmp_path / "none", "ping"],
                          capture_output=True, text=True)
    assert done.returncode == 4
    assert "superd is not running (No such file" in done.stderr


@pytest.mark.parametrize("args", [[], ["dance"], ["show"], ["ping", "x"],
                                  ["--frobnicate", "ping"],
                                  ["--dry-run", "ping"]])
def test_superctl_usage_errors_exit_2(args):
    assert subprocess.run([SUPERCTL, *args],
                          capture_output=True).returncode == 2
