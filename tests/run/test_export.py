"""superd --export systemd: a configuration as pairs of socket and service
units, which systemd takes, and which say what was said."""

import shutil
import subprocess

import pytest
from conftest import SUPERD

CONF = r"""
service probe {
    listen = {"127.0.0.1:20001", "127.0.0.1:20002"}
    user = daemon
    group = sys
    server = "/bin/echo"
    server_args = {"a", "b c", "\$x", "%p", "", "q\"\\"}
    flags = {NODELAY, KEEPALIVE}
    instances = 5
    excess = refuse
    per_source = 2
    rate = 10/60s
    only_from = {"10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32"}
    rlimit_nofile = 50:60
    rlimit_stack = unlimited
    nice = 5
    umask = 027
    directory = "/tmp"
    env = {"A=b c", "D=%e\""}
    passenv = {"TZ"}
    stderr = log
    backlog = 20
    rcvbuf = 65536
    sndbuf = 32768
    interface = "lo"
}
service unix {
    listen = "/run/test-export.sock"
    socket_user = daemon
    socket_group = daemon
    socket_mode = 0600
    wait = yes
    user = daemon
    server = "/bin/cat"
    no_access = {}
}
service dgram {
    socket_type = dgram
    protocol = udp
    listen = "127.0.0.1:20003"
    wait = yes
    listen_fds = yes
    stderr = null
    user = daemon
    server = "/bin/cat"
    no_access = {"10.1.0.0/16"}
    rlimit_cpu = 5
}
service dual {
    family = dual
    protocol = tcp
    port = 20004
    user = daemon
    server = "/bin/cat"
}
service both {
    protocol = tcp
    port = 20005
    user = daemon
    server = "/bin/cat"
    stderr = null
    chroot = "/tmp"
    server_args = {"-u"}
}
"""


def export(tmp_path, conf, *where):
    path = tmp_path / "superd.conf"
    path.write_text(conf)
    done = subprocess.run([SUPERD, "--export", "systemd", "-f", path, *where],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def exported(tmp_path, conf):
    """The directory of the units"""
    there = tmp_path / "units"
    code, out, told = export(tmp_path, conf, there)
    assert code == 0 and out == "", told
    return there


def printed(tmp_path, conf):
    """{service: its lines, as superd -T has them}"""
    path = tmp_path / "printed.conf"
    path.write_text(conf)
    done = subprocess.run([SUPERD, "-T", path], capture_output=True,
                          text=True, check=True)
    found, lines = {}, []
    for line in done.stdout.splitlines():
        if line.startswith("service "):
            lines = found.setdefault(line.split('"')[1], [])
        elif line.startswith("\t"):
            lines.append(line.strip())
    return found


def lines(path):
    return path.read_text().splitlines()


def test_what_was_exported_is_imported_as_the_same(tmp_path):
    there = exported(tmp_path, CONF)
    done = subprocess.run([SUPERD, "--import", "systemd", there],
                          capture_output=True, text=True, check=True)
    assert "left out" not in done.stdout
    before = printed(tmp_path, CONF)
    # one socket for both families, said in another way
    before["both"] = [line.replace('"*:20005"', '"0.0.0.0:20005", '
                                   '"[::]:20005"') for line in before["both"]]
    assert printed(tmp_path, done.stdout) == before


def test_exported_units_are_accepted(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    there = exported(tmp_path, CONF + """
service away {
    listen = "127.0.0.1:20006"
    redirect = {"127.0.0.1", "80"}
}
""")
    for path in sorted(there.iterdir()):
        if "away" in path.name and not shutil.which(
                "systemd-socket-proxyd", path="/usr/lib/systemd"):
            continue
        one = path.with_name(path.name.replace("@.", "@1."))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", one],
                              capture_output=True, text=True, timeout=60,
                              check=False)
        about = [line for line in done.stderr.splitlines()
                 if str(there) in line or path.name in line]
        assert about == [], path.name


def test_a_server_for_each_client_has_a_unit_for_each(tmp_path):
    there = exported(tmp_path, CONF)
    socket = lines(there / "probe.socket")
    service = lines(there / "probe@.service")
    assert {"Accept=yes", "ListenStream=127.0.0.1:20001",
            "ListenStream=127.0.0.1:20002", "MaxConnections=5",
            "MaxConnectionsPerSource=2", "NoDelay=yes", "Backlog=20",
            "WantedBy=sockets.target"} <= {*socket}
    assert {"User=daemon", "StandardInput=socket", "StandardError=journal",
            "LimitSTACK=infinity", "UMask=027"} <= {*service}
    assert r'ExecStart=-"/bin/echo" "a" "b c" "$$x" "%%p" "" "q\"\\"' in \
        service


def test_a_server_for_a_socket_has_one_unit(tmp_path):
    there = exported(tmp_path, CONF)
    assert {"Accept=no", "SocketMode=0600",
            "ListenStream=/run/test-export.sock"} <= \
        {*lines(there / "unix.socket")}
    assert "StandardInput=socket" in lines(there / "unix.service")
    assert "ListenDatagram=127.0.0.1:20003" in lines(there / "dgram.socket")
    assert "StandardInput=null" in lines(there / "dgram.service")


def test_each_socket_of_a_wait_service_has_a_server(tmp_path):
    """as superd has it: one whose standard input is a socket has one"""
    there = exported(tmp_path, """service two {
    listen = {"127.0.0.1:20001", "127.0.0.1:20002"}
    wait = yes
    user = root
    server = "/bin/cat"
}
""")
    assert sorted(path.name for path in there.iterdir()) == [
        "two-2.service", "two-2.socket", "two.service", "two.socket"]
    assert "ListenStream=127.0.0.1:20002" in lines(there / "two-2.socket")


def test_what_systemd_cannot_say_is_a_comment(tmp_path):
    there = exported(tmp_path, """service a {
    listen = "127.0.0.1:20001"
    user = root
    server = "/bin/cat"
    instances = 3
    rate = 10/60s
    source_rate = 5/60s
    access_times = {8:00-18:00}
    max_load = 2.5
    deny_time = 60m
    log_on_success = {PID, HOST}
}
""")
    service = (there / "a@.service").read_text()
    for name in ("source_rate", "access_times", "max_load", "deny_time",
                 "log_on_success"):
        assert f"# left out: {name} = " in service, name
    socket = (there / "a.socket").read_text()
    assert "# systemd refuses more, which superd lets wait\n" \
        "MaxConnections=3\n" in socket
    assert "closes the socket for good, where superd pauses\n" \
        "TriggerLimitIntervalSec=60\nTriggerLimitBurst=10\n" in socket


def test_access_is_never_wider_there(tmp_path):
    """systemd knows no names, and what it allows nothing denies"""
    there = exported(tmp_path, """service a {
    listen = "127.0.0.1:20001"
    user = root
    server = "/bin/cat"
    only_from = {"10.0.0.0/8", "192.168.1.0", ".example.org"}
    no_access = {"10.1.0.0/16"}
}
service nobody {
    listen = "127.0.0.1:20002"
    user = root
    server = "/bin/cat"
    only_from = {}
}
""")
    socket = lines(there / "a.socket")
    assert [line for line in socket if line.startswith("IPAddress")] == [
        "IPAddressDeny=any", "IPAddressDeny=10.1.0.0/16",
        "IPAddressAllow=192.168.1.0/24"]
    assert "# systemd knows no names of hosts:" in socket
    assert "# left out, since systemd would allow all of it: 10.0.0.0/8" in \
        socket
    assert "IPAddressDeny=any" in lines(there / "nobody.socket")


def test_services_that_systemd_has_nothing_for_are_named(tmp_path):
    code, out, told = export(tmp_path, """service echo {
    listen = "127.0.0.1:20001"
    internal = echo
}
service unix {
    listen = "/run/test-export.sock"
    user = root
    server = "/bin/cat"
    only_users = {"root"}
}
service off {
    disable = yes
    listen = "127.0.0.1:20002"
    user = root
    server = "/bin/cat"
}
""", tmp_path / "units")
    assert code == 0 and out == ""
    assert f"{tmp_path}/superd.conf:1: echo is left out: systemd has no " \
        "internal services" in told
    assert "unix is left out: systemd does not ask who connects" in told
    assert "[Install]" not in (tmp_path / "units/off.socket").read_text()
    assert len(list((tmp_path / "units").iterdir())) == 2


def test_no_file_is_written_over(tmp_path):
    there = tmp_path / "units"
    there.mkdir()
    (there / "dual.socket").write_text("mine\n")
    code, _, told = export(tmp_path, CONF, there)
    assert code == 1 and f"{there}/dual.socket: File exists" in told
    assert (there / "dual.socket").read_text() == "mine\n"


def test_without_a_directory_units_are_printed(tmp_path):
    code, out, _ = export(tmp_path, CONF)
    assert code == 0
    assert out.startswith("# probe.socket\n[Unit]\n")
    assert "# both@.service\n" in out


def test_ids_become_names_of_units(tmp_path):
    there = exported(tmp_path, """service "a/b c@%" {
    listen = "127.0.0.1:20001"
    user = root
    server = "/bin/cat"
}
service "a/b-c@%" {
    listen = "127.0.0.1:20002"
    user = root
    server = "/bin/cat"
}
""")
    assert sorted(path.name for path in there.iterdir()) == [
        "a-b-c---2.socket", "a-b-c---2@.service", "a-b-c--.socket",
        "a-b-c--@.service"]
    assert "Description=a/b c@%%" in lines(there / "a-b-c--.socket")


@pytest.mark.parametrize("where", [("a", "b"), ("a", "b", "c")])
def test_one_directory_is_expected(tmp_path, where):
    assert export(tmp_path, CONF, *where)[0] == 2
