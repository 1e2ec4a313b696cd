"""Where the pid file and the control socket are: for root, for users, and as
the environment says."""

import contextlib
import os
import pathlib
import signal
import subprocess

import pytest
from conftest import SLOW, SUPERCTL, SUPERD, wait_for

CONF = 'service "day" { internal = daytime port = 20013 }\n'
USER = 23456


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "superd.conf"
    path.write_text(CONF)
    return path


@pytest.fixture
def runtime(tmp_path):
    """What pam_systemd makes for a user."""
    path = tmp_path / "user"
    path.mkdir(mode=0o700)
    os.chown(path, USER, USER)
    return path


@pytest.fixture
def run_directory(mounts):
    """An empty /run that is nobody else's."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run"],
                   check=True)


def run(*argv, env=None, **options):
    clean = {name: value for name, value in os.environ.items()
             if name not in ("XDG_RUNTIME_DIR", "SUPERD_CONTROL")}
    return subprocess.run([*map(str, argv)], env=clean | (env or {}),
                          capture_output=True, text=True, check=False,
                          timeout=60 * SLOW, **options)


def as_user(*argv, env=None):
    return run(*argv, env=env, user=USER, group=USER, extra_groups=[])


@contextlib.contextmanager
def ended_at_last(pid_file):
    """The detached daemon of this pid file."""
    pid = int(pathlib.Path(pid_file).read_text())
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(pid_file), what="its end")


@pytest.mark.root
def test_daemon_of_a_user_is_below_his_runtime_directory(conf, runtime,
                                                         run_directory):
    """and superctl of the same user finds it there"""
    env = {"XDG_RUNTIME_DIR": str(runtime)}
    done = as_user(SUPERD, conf, env=env)
    assert done.returncode == 0, done.stderr
    assert (f"superd: not root: pid file {runtime}/superd.pid, control "
            f"socket {runtime}/superd.sock\n") in done.stderr
    with ended_at_last(runtime / "superd.pid") as pid:
        done = as_user(SUPERCTL, "ping", env=env)
        assert done.stdout.endswith(f"pid {pid}\n"), done.stderr
        # another user has not
        done = as_user(SUPERCTL, "ping")
        assert done.returncode == 4
        assert "/run/superd.sock: superd is not running" in done.stderr
    assert os.listdir(runtime) == []


@pytest.mark.root
def test_user_without_a_runtime_directory_is_told_what_to_set(
        conf, run_directory):
    done = as_user(SUPERD, conf)
    assert done.returncode == 1
    assert ("cannot create the pid file /run/superd.pid: Permission denied; "
            "name another one, or none, with -p") in done.stderr
    for value in ("", "relative"):      # no more than nothing
        done = as_user(SUPERD, conf, env={"XDG_RUNTIME_DIR": value})
        assert "pid file /run/superd.pid: Permission" in done.stderr


@pytest.mark.root
def test_root_is_below_run_whatever_the_environment_says(
        conf, runtime, run_directory):
    """sudo keeps the variable"""
    env = {"XDG_RUNTIME_DIR": str(runtime)}
    done = run(SUPERD, conf, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    with ended_at_last("/run/superd.pid"):
        assert os.path.exists("/run/superd.sock")
        assert run(SUPERCTL, "ping", env=env).returncode == 0


@pytest.mark.root
def test_superctl_of_a_user_takes_the_systems_if_he_may(
        tmp_path, conf, runtime, run_directory, mounts):
    """his own if he may not"""
    env = {"XDG_RUNTIME_DIR": str(runtime)}
    group = tmp_path / "group"
    group.write_text(pathlib.Path("/etc/group").read_text() +
                     f"askers:x:{USER}:\n")
    mounts(group, "/etc/group")
    conf.write_text(CONF + "control_group = askers\n")
    other = tmp_path / "other.conf"
    other.write_text(CONF.replace("20013", "20014"))
    assert run(SUPERD, conf).returncode == 0
    with ended_at_last("/run/superd.pid") as systems:
        assert as_user(SUPERD, other, env=env).returncode == 0
        with ended_at_last(runtime / "superd.pid") as own:
            done = as_user(SUPERCTL, "ping", env=env)
            assert done.stdout.endswith(f"pid {systems}\n")
            conf.write_text(CONF)
            assert run(SUPERCTL, "reload").returncode == 0
            done = as_user(SUPERCTL, "ping", env=env)
            assert done.stdout.endswith(f"pid {own}\n")


def test_environment_names_the_control_socket_for_both(tmp_path, conf):
    """before the configuration, and after the option"""
    conf.write_text(f'control = "{tmp_path}/configured"\n' + CONF)
    env = {"SUPERD_CONTROL": str(tmp_path / "environment")}
    for args, expected in (((), "environment"),
                           (("--control", tmp_path / "option"), "option")):
        done = run(SUPERD, "-p", tmp_path / "pid", *args, conf, env=env)
        assert done.returncode == 0, done.stderr
        with ended_at_last(tmp_path / "pid"):
            assert sorted(path.name for path in tmp_path.iterdir()
                          if path.is_socket()) == [expected]
            if not args:
                assert run(SUPERCTL, "ping", env=env).returncode == 0


def test_empty_environment_names_no_control_socket(tmp_path, conf):
    conf.write_text(f'control = "{tmp_path}/configured"\n' + CONF)
    done = run(SUPERD, "-p", tmp_path / "pid", conf,
               env={"SUPERD_CONTROL": ""})
    assert done.returncode == 0, done.stderr
    with ended_at_last(tmp_path / "pid"):
        assert (tmp_path / "configured").is_socket()


@pytest.mark.root
def test_where_nothing_can_be_written_it_says_what_to_set(superd, tmp_path,
                                                          mounts):
    """a container with a root that is read only"""
    path = tmp_path / "run"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", path],
                   check=True)
    try:
        daemon = superd("20013 stream tcp nowait root internal daytime\n",
                        ready=False, args=["--control", path / "socket"])
        daemon.wait_log(r"^superd: error control socket \S+/run/socket: "
                        "Read-only file system; name another path, or none, "
                        "with --control or SUPERD_CONTROL$")
        daemon.wait_log("ready:")
    finally:
        subprocess.run(["umount", path], check=True)
