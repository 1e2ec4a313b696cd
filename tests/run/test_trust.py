"""Configuration that others may write says nothing: who writes it decides
what root runs."""

import os
import subprocess

import pytest
from conftest import SUPERD, refused, tcp, wait_for

SERVICE = {
    "inetd.conf": "{port} stream tcp nowait root internal daytime\n",
    "xinetd.conf": "service p{port}\n{{\n\ttype = INTERNAL UNLISTED\n"
                   "\tport = {port}\n\tsocket_type = stream\n\twait = no\n"
                   "\tid = p{port}\n}}\n".replace("service p{port}",
                                                  "service daytime"),
    "superd.conf": "service p{port} {{\n\tport = {port}\n"
                   "\tinternal = daytime\n}}\n",
}
FILE = {"inetd.conf": ".include {}\n", "xinetd.conf": "include {}\n",
        "superd.conf": "include = {{\"{}\"}}\n"}
FOLDER = {"inetd.conf": ".include {}/*\n", "xinetd.conf": "includedir {}\n",
          "superd.conf": "include = {{\"{}/*\"}}\n"}
FORMATS = list(SERVICE)
SAYS = "writable by others"

pytestmark = pytest.mark.root


def service(name, port):
    return SERVICE[name].format(port=port)


def check(path, *args, **options):
    done = subprocess.run([SUPERD, "-t", *args, path], text=True,
                          capture_output=True, timeout=30, **options)
    return done.returncode, done.stderr


def put(path, text, mode=0o644, uid=0, gid=0):
    path.write_text(text)
    os.chown(path, uid, gid)
    path.chmod(mode)
    return path


OPEN = [(0o666, 0, 0), (0o646, 0, 0), (0o664, 0, 50), (0o644, 1234, 0),
        (0o600, 1234, 1234)]
CLOSED = [(0o644, 0, 0), (0o600, 0, 0), (0o664, 0, 0), (0o444, 0, 50)]


@pytest.mark.parametrize("mode,uid,gid", OPEN)
@pytest.mark.parametrize("name", FORMATS)
def test_file_that_others_may_write_is_an_error(tmp_path, name, mode, uid,
                                                gid):
    """of the check, which names it, its owner and its mode"""
    path = put(tmp_path / name, service(name, 20001), mode, uid, gid)
    code, text = check(path)
    assert code == 1 and " 0 services, 1 error," in text
    assert text.startswith(f"{path}: error: {SAYS}: owner {uid}, group "
                           f"{gid}, mode {mode:04o}; ")
    code, text = check(path, "--insecure-files")
    assert code == 0 and " 1 service, 0 errors" in text


@pytest.mark.parametrize("mode,uid,gid", CLOSED)
def test_file_that_root_alone_may_write_is_read(tmp_path, mode, uid, gid):
    """also through a link"""
    path = put(tmp_path / "f", service("inetd.conf", 20001), mode, uid, gid)
    link = tmp_path / "link"
    link.symlink_to(path)
    assert check(path)[0] == check(link)[0] == 0


@pytest.mark.parametrize("name", FORMATS)
def test_daemon_does_not_start_with_a_file_of_somebody_else(tmp_path, name):
    put(tmp_path / name, service(name, 20001), 0o666)
    done = subprocess.run([SUPERD, "-F", "-p", "none", "--control", "none",
                           tmp_path / name], text=True, capture_output=True,
                          timeout=30)
    assert done.returncode == 1
    assert SAYS in done.stderr and "not started" in done.stderr


@pytest.mark.parametrize("name", FORMATS)
def test_included_file_of_somebody_else_serves_nothing(superd, tmp_path,
                                                       name):
    """at the start the rest is served, at a reload nothing changes"""
    own = put(tmp_path / "own", service(name, 20002))
    other = put(tmp_path / "other", service(name, 20003), uid=1234)
    text = service(name, 20001) + FILE[name].format(own) + \
        FILE[name].format(other)
    if name == "superd.conf":
        text = f'include = {{"{own}", "{other}"}}\n' + service(name, 20001)
    daemon = superd(text, file=name)
    assert tcp(20001) and tcp(20002) and refused(20003)
    assert f"{other}: error: {SAYS}" in daemon.read_log()
    put(own, service(name, 20004))
    code, said = daemon.reload()
    assert code == 1 and "nothing was changed" in said
    assert tcp(20002) and refused(20004) and refused(20003)
    os.chown(other, 0, 0)
    assert daemon.reload()[0] == 0
    assert tcp(20003) and tcp(20004) and refused(20002)


@pytest.mark.parametrize("mode,uid", [(0o777, 0), (0o775, 0), (0o755, 1234),
                                      (0o1777, 0)])
@pytest.mark.parametrize("name", FORMATS)
def test_folder_to_which_others_add_files_is_not_searched(
        tmp_path, name, mode, uid):
    """the sticky bit does not keep them from that"""
    folder = tmp_path / "folder"
    folder.mkdir()
    put(folder / "a", service(name, 20001))
    put(folder / "b", service(name, 20002))
    path = put(tmp_path / name, FOLDER[name].format(folder))
    assert check(path)[0] == 0
    os.chown(folder, uid, 50)
    folder.chmod(mode)
    code, text = check(path)
    assert code == 1 and " 0 services, 1 error," in text, text
    assert text.startswith(f"{path}:1:") and f": error: directory {folder}: " \
        f"{SAYS}: owner {uid}, group 50, mode {mode:04o}; " in text
    assert check(path, "--insecure-files")[0] == 0


def test_file_that_others_can_replace_is_not_read(tmp_path):
    """in a folder that they may write; the sticky bit keeps them from it"""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = put(folder / "f", service("inetd.conf", 20001))
    folder.chmod(0o777)
    code, text = check(path)
    assert code == 1 and f"{path}: error: directory {folder}: {SAYS}" in text
    folder.chmod(0o1777)
    assert check(path)[0] == 0


def test_link_of_somebody_else_is_not_followed(tmp_path):
    """to a file that is root's, and no configuration"""
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o1777)
    put(tmp_path / "f", service("inetd.conf", 20001))
    link = folder / "link"
    link.symlink_to(tmp_path / "f")
    assert check(tmp_path / "f")[0] == 0
    os.lchown(link, 1234, 1234)
    code, text = check(link)
    # the kernel itself may be asked not to follow it
    assert code == 1 and (SAYS in text or "Permission denied" in text)


def test_folder_where_a_link_leads_is_looked_at(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    put(folder / "f", service("inetd.conf", 20001))
    link = tmp_path / "link"
    link.symlink_to(folder / "f")
    assert check(link)[0] == 0
    os.chown(folder, 1234, 1234)
    code, text = check(link)
    assert code == 1 and f"directory {folder}: {SAYS}" in text


@pytest.mark.parametrize("mode,uid,gid,good", [
    (0o644, 0, 0, True), (0o644, 1234, 1234, True), (0o664, 1234, 1234, True),
    (0o664, 1234, 50, False), (0o646, 1234, 1234, False),
    (0o644, 1235, 1234, False)])
def test_files_of_the_starter_are_its_own(tmp_path, mode, uid, gid, good):
    """a group of the same number is the private one of its user"""
    copy = tmp_path / "superd"
    copy.write_bytes(open(SUPERD, "rb").read())
    copy.chmod(0o755)
    path = put(tmp_path / "f", service("inetd.conf", 20001), mode, uid, gid)
    done = subprocess.run([copy, "-t", path], text=True, capture_output=True,
                          timeout=30, user=1234, group=1234, extra_groups=[])
    assert done.returncode == (not good), done.stderr
    assert (SAYS in done.stderr) != good
    assert good or "only root or user 1234 can write" in done.stderr


@pytest.mark.parametrize("args,served", [([], False),
                                         (["--insecure-files"], True)])
def test_xinetds_command_line_has_the_option_too(net, tmp_path, args, served):
    path = put(tmp_path / "f", service("xinetd.conf", 20001), 0o666)
    xinetd = os.path.join(os.path.dirname(SUPERD), "xinetd")
    with subprocess.Popen([xinetd, "-dontfork", "-f", path, "-pidfile",
                           tmp_path / "pid", *args], text=True,
                          stderr=subprocess.PIPE) as process:
        try:
            wait_for(lambda: process.poll() is not None or
                     not refused(20001), 10, "a socket, or the end")
        finally:
            if process.poll() is None:
                process.terminate()
        assert (SAYS in process.stderr.read()) != served
    assert (process.returncode == 0) == served
