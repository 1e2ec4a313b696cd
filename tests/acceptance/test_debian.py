"""The tools and files of a Debian host, with superd as its superserver."""

import concurrent.futures
import re

import clients
import pytest
from daemon import COMMANDS, DIALECTS, KIND
from house import TOP, wait_for
from servers import SERVERS

like_xinetd = pytest.mark.skipif("xinetd" not in DIALECTS,
                                 reason=f"{KIND} is never called xinetd")
superd_only = pytest.mark.skipif(KIND != "superd", reason="is about superd")
one_inetd = pytest.mark.skipif("inetd" not in DIALECTS or KIND == "inetutils",
                               reason=f"{KIND} is never called inetd")
CLIENTS = {"telnet": clients.telnet, "ntalk": clients.talk,
           "www": clients.http, "finger": clients.finger,
           "ident": clients.ident, "rstatd/1-5": clients.rstat}
DISCARD = "tcp/9"


@pytest.fixture
def host(house):
    """The house, where a superserver is to be started in the background.

    All of its processes are gone afterwards.
    """
    before = set(house.pids())
    # dependencies of the packages brought another superserver with them
    house.run("rm -f /etc/init.d/*inetd")
    program = COMMANDS[KIND, DIALECTS[0]].split()[0]
    for name in ("inetd", "xinetd"):
        house.run(f"ln -sf {program} /usr/sbin/{name}")
    house.run("rm -rf /etc/xinetd.d /etc/xinetd.conf /run/*inetd.pid; "
              "cp /root/inetd.conf.debian /etc/inetd.conf")
    yield house
    house.sweep(before)
    house.run("rm -rf /usr/sbin/inetd /usr/sbin/xinetd /run/*inetd.pid "
              "/etc/xinetd* /etc/init.d/*inetd")


def pid_of(host, name="inetd"):
    return int(host.out(f"cat /run/{name}.pid"))


def ended(host, pid):
    wait_for(lambda: pid not in host.pids(), what="the end of the daemon")


@pytest.mark.skipif("inetd" not in DIALECTS, reason="is about inetd.conf")
def test_lines_that_packages_wrote(house, serve):
    """each of them enabled, as update-inetd --enable does"""
    text = house.out("sed 's/^#<off># //' /root/inetd.conf.debian")
    names = re.findall(r"^([^#\s]+)\s", text, re.M)
    assert sorted(names) == sorted(CLIENTS)
    if KIND == "superd":
        house.write("/etc/inetd.conf", text)
        house.run("superd -t --strict -f /etc/inetd.conf")
    elif KIND == "inetutils":
        names.remove("rstatd/1-5")
    daemon = serve("inetd", text, ["tcp/23", "tcp/79", "tcp/80", "tcp/113",
                                   "udp/518"])
    for name in names:
        CLIENTS[name](house, daemon)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_servers_at_once(house, serve, dialect):
    """one daemon, and all clients at the same time"""
    if KIND == "inetutils" or KIND == "xinetd":
        pytest.skip("of the peers, only openbsd-inetd serves all of them")
    chosen = [server for name, server in SERVERS.items() if name != "atftpd"]
    if KIND == "openbsd":       # A7: see there
        chosen.remove(SERVERS["git"])
    daemon = serve(dialect, "".join(s.text(dialect) for s in chosen),
                   [s.port for s in chosen if s.port], cwd="/root/private")
    with concurrent.futures.ThreadPoolExecutor(len(chosen)) as pool:
        jobs = [pool.submit(s.client, house, daemon) for s in chosen]
        for job in jobs:
            job.result(120)
    assert daemon.process.poll() is None


@one_inetd
def test_update_inetd_switches_services(host):
    """it finds the daemon by its pid file and its name, and wakes it"""
    host.run("inetd")
    wait_for(lambda: host.bound("tcp/79"))
    pid = pid_of(host)
    assert not host.bound("tcp/23")
    host.run("update-inetd --enable telnet")
    wait_for(lambda: host.bound("tcp/23"), what="telnet")
    clients.telnet(host, None)
    host.run("update-inetd --disable telnet")
    wait_for(lambda: not host.bound("tcp/23"), what="no telnet")
    host.run(r"update-inetd --group OTHER "
             r"--add 'discard\tstream\ttcp\tnowait\troot\tinternal'")
    wait_for(lambda: host.bound(DISCARD), what="discard")
    host.run("update-inetd --remove '^discard'")
    wait_for(lambda: not host.bound(DISCARD), what="no discard")
    clients.finger(host, None)
    assert pid_of(host) == pid and pid in host.pids()
    host.run(f"kill {pid}")
    ended(host, pid)


@one_inetd
def test_init_script_of_openbsd_inetd(host):
    """start, status, reload, stop, by a script that knows nothing of us"""
    host.run("cp /opt/openbsd-inetd/etc/init.d/openbsd-inetd /etc/init.d/")
    script = "/etc/init.d/openbsd-inetd"
    host.run(f"{script} start")
    wait_for(lambda: host.bound("tcp/79"))
    host.run(f"{script} status")
    pid = pid_of(host)
    host.run("echo 'discard stream tcp nowait root internal' "
             f">> /etc/inetd.conf; {script} reload")
    wait_for(lambda: host.bound(DISCARD), what="discard")
    host.run(f"{script} start")         # once more: that changes nothing
    assert pid_of(host) == pid
    host.run(f"{script} stop")
    ended(host, pid)
    assert not host.bound(DISCARD)


@superd_only
def test_init_script_of_superd_and_update_inetd(host):
    """where no superserver runs, update-inetd starts one by its script; its
    reload tells what became of it"""
    text = (TOP / "etc/superd.init").read_text()
    for name, value in (("sbindir", "/usr/sbin"), ("runstatedir", "/run"),
                        ("sysconfdir", "/etc"),
                        ("defaultdir", "/etc/default"), ("name", "inetd")):
        text = text.replace(f"@{name}@", value)
    script = "/etc/init.d/superd-inetd"
    host.write(script, text, "755")
    host.write("/etc/inetd.conf", "#:INTERNAL:\n\n#:OTHER:\n")
    host.run("cp -p /usr/sbin/policy-rc.d /root/ && "
             "sed -i s/101/0/ /usr/sbin/policy-rc.d")
    try:
        host.run(r"update-inetd --group OTHER "
                 r"--add 'discard\tstream\ttcp\tnowait\troot\tinternal'")
        wait_for(lambda: host.bound(DISCARD), what="discard")
        host.run(f"{script} status")
        pid = pid_of(host)
        host.run("update-inetd --disable discard")
        wait_for(lambda: not host.bound(DISCARD), what="no discard")
        assert pid_of(host) == pid
        host.run("update-inetd --enable discard")
        wait_for(lambda: host.bound(DISCARD), what="discard again")
        good = host.out("cat /etc/inetd.conf")
        for text, status, says in (
                ("x y\n", 1, "error: "), (good + "9009 stream tcp nowait "
                 "nosuchuser /bin/true true\n", 0, "unknown user"),
                (good, 0, "kept 1")):
            host.write("/etc/inetd.conf", text)
            done = host.run(f"{script} reload", check=False)
            assert done.returncode == status and says in done.stdout
            assert pid_of(host) == pid and host.bound(DISCARD)
        host.run(f"{script} restart")
        assert pid_of(host) != pid and host.bound(DISCARD)
        pid = pid_of(host)
        host.run(f"{script} stop")
        ended(host, pid)
        assert host.run(f"{script} status", check=False).returncode == 3
    finally:
        host.run("mv /root/policy-rc.d /usr/sbin/")


@pytest.fixture
def xinetd_host(host):
    """The host, with the files of Debian's xinetd."""
    host.run("rm -f /etc/inetd.conf; cp -r /opt/xinetd/etc/. /etc/")
    return host


@like_xinetd
def test_files_of_debians_xinetd(xinetd_host, serve):
    """they hold some services twice, and serve once they are enabled"""
    host = xinetd_host
    if KIND == "superd":
        host.run("superd -t -f /etc/xinetd.conf")
    host.run("sed -i '/disable/s/yes/no/' /etc/xinetd.d/*")
    # xinetd itself has no pages any more
    pages = ["tcp/9098", "tcp/9099"] if KIND == "superd" else []
    serve("xinetd", host.out("cat /etc/xinetd.conf"),
          [f"{protocol}/{port}" for protocol in ("tcp", "udp")
           for port in (7, 9, 13, 19, 37)] + pages)
    assert host.out("echo text | nc -N -w 5 127.0.0.1 7") == "text\n"
    if KIND == "superd":
        page = host.out("nc -d -w 5 127.0.0.1 9098")
        assert "echo-stream tcp 7 0.0.0.0\n" in page
        assert "servers tcp 9099 ::\n" in page


@like_xinetd
def test_init_script_of_xinetd(xinetd_host):
    """start, reload, status, stop; a stanza hides the line of its service"""
    host = xinetd_host
    script = "/etc/init.d/xinetd"
    host.write("/etc/inetd.conf", "".join(
        f"{name} stream tcp nowait nobody /usr/sbin/tcpd {command}\n"
        for name, command in (
            ("www", "/usr/sbin/micro-httpd /var/www/html"),
            ("finger", "/bin/false"), ("rsync", "/bin/false"))))
    host.write("/etc/xinetd.d/finger", SERVERS["fingerd"].xinetd)
    host.write("/etc/xinetd.d/rsync", SERVERS["rsync"].xinetd.replace(
        "{", "{\n\tdisable = yes"))
    host.run(f"{script} start")
    wait_for(lambda: host.bound("tcp/79"), what="finger")
    clients.finger(host, None)
    wait_for(lambda: host.bound("tcp/80"), what="the line of www")
    clients.http(host, None)
    if KIND == "superd":
        # README.Debian: a stanza hides a line "even if disabled"; the xinetd
        # of Debian 12 serves that line all the same
        assert not host.bound("tcp/873")
    pid = pid_of(host, "xinetd")
    host.write("/etc/xinetd.d/ftp", SERVERS["ftpd"].xinetd)
    host.run(f"{script} reload")
    wait_for(lambda: host.bound("tcp/21"), what="ftp")
    clients.ftp(host, None)
    host.run(f"{script} status")
    assert pid_of(host, "xinetd") == pid and pid in host.pids()
    host.run(f"{script} stop")
    ended(host, pid)
