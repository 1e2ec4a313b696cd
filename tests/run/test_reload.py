"""Reload is a transaction; what did not change is not touched."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import (LONELY, REAL_ROOT, SLOW, SUPERCTL, SUPERD, State, connect,
                      probe, read_all, refused, tcp, udp, udp_socket,
                      wait_for)

PROBE = probe("probe")


def test_changed_arguments_and_user_apply_to_the_next_child(superd):
    """finit a1ea8ff5: and the socket is never closed"""
    line = f"20001 stream tcp nowait root {PROBE} probe %s\n"
    daemon = superd(line % "a")
    assert State(tcp(20001)).argv == ["probe", "a"]
    failures, stop = [], threading.Event()

    def hammer():
        while not stop.is_set():
            try:
                tcp(20001)
            except OSError as error:
                failures.append(error)

    thread = threading.Thread(daemon=True, target=hammer)
    thread.start()
    for i in range(20):
        assert daemon.reload(line % f"x{i}")[0] == 0
    stop.set()
    thread.join()
    assert not failures
    assert State(tcp(20001)).argv == ["probe", "x19"]
    daemon.reload(line.replace("root", "nobody") % "b")
    if os.getuid() == 0:
        assert State(tcp(20001))["uid"] == "65534 65534"


def test_port_changes_on_sighup(superd):
    line = "%d stream tcp nowait root internal daytime\n"
    daemon = superd(line % 20000)
    for i in range(1, 6):
        daemon.hup(line % (20000 + i))
        for host in ("127.0.0.1", "::1"):
            assert tcp(20000 + i, host=host)
            assert refused(20000 + i - 1, host)


def test_live_connection_survives_and_is_still_counted(superd):
    """finit 7ed9f2ad"""
    conf = f"20001 stream tcp nowait/1 nobody {probe('hold')} hold\n"
    daemon = superd(conf)
    with connect(20001) as s:
        assert s.recv(100)
        daemon.hup(conf)
        assert daemon.service("20001/tcp")["children"]
        with connect(20001) as t:
            t.settimeout(0.3)
            with pytest.raises(TimeoutError):
                t.recv(1)
            s.close()
            t.settimeout(5)
            assert t.recv(100).startswith(b"held")


def test_child_of_a_removed_service_ends_later(superd):
    """xinetd 2.1.6, finit 68ef6ec1"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold\n",
                    args=["-l"])
    with connect(20001) as s:
        s.recv(100)
        daemon.hup("20002 stream tcp nowait root internal daytime\n")
        assert refused(20001)
        assert daemon.service("20001/tcp")["state"] == "removed"
    daemon.wait_log(r"exit 20001/tcp")
    wait_for(lambda: daemon.service("20001/tcp") is None)


@pytest.mark.parametrize("spoil", ["missing", "unreadable", "directory",
                                   "garbage", "truncated", "fifo", "nul",
                                   "symlink-loop"])
def test_broken_file_changes_nothing(superd, tmp_path, spoil):
    """openbsd-inetd exits"""
    conf = ("20001 stream tcp nowait root internal daytime\n"
            "20002 stream tcp nowait root internal daytime\n")
    starter = ()
    if spoil == "unreadable":       # root can read everything
        if not REAL_ROOT:
            pytest.skip("needs the real root, to become another user")
        tmp_path.chmod(0o1777)
        starter = [probe("dirty"), "uid=65534", "--"]
    daemon = superd(conf, starter=starter)
    if spoil == "garbage":
        daemon.conf.write_text("nonsense\n20003 " + conf)
    elif spoil == "truncated":
        daemon.conf.write_text("20001 stream tcp nowait root internal "
                               "daytime\n20002 stream tc")
    elif spoil == "nul":
        daemon.conf.write_bytes(conf.encode() + b"\0\n")
    else:
        daemon.conf.unlink()
        if spoil == "directory":
            daemon.conf.mkdir()
        elif spoil == "fifo":
            os.mkfifo(daemon.conf)
        elif spoil == "symlink-loop":
            daemon.conf.symlink_to(daemon.conf)
        elif spoil == "unreadable":
            daemon.conf.touch(mode=0)
    code, text = daemon.reload()
    assert code == 1 and str(daemon.conf) in text and "error" in text
    assert "nothing was changed" in text
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("refused, nothing was changed")
    assert tcp(20001) and tcp(20002)


def test_empty_file_removes_all(superd):
    """no services enabled is a normal state"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    assert daemon.reload("# nothing\n")[0] == 0
    assert refused(20001) and daemon.alive()


def test_unservable_entry_keeps_its_previous_definition(superd):
    """design 11: an unknown user must not block the rest"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n"
                    f"20002 stream tcp nowait root {PROBE} probe old\n")
    code, text = daemon.reload(
        f"20002 stream tcp nowait nosuchuser {PROBE} probe new\n"
        f"20003 stream tcp nowait nosuchuser {PROBE} probe\n"
        "20004 stream tcp nowait root internal daytime\n")
    assert code == 3
    assert f"{daemon.conf}:1:25: error: unknown user nosuchuser" in text
    assert State(tcp(20002)).argv == ["probe", "old"]
    assert daemon.service("20002/tcp")["state"] == "stale"
    assert refused(20003) and tcp(20004) and refused(20001)


BROKEN = ("20001 stream tcp nowait root internal daytime\n", 0), (
    "20001 stream tcp nowait nosuchuser /bin/true true\n", 3), ("x\n", 1)


@pytest.mark.parametrize("options", [["--dry-run"], []])
@pytest.mark.parametrize("text,expected", BROKEN)
def test_reload_tells_apart_all_a_part_and_nothing(superd, text, expected,
                                                   options):
    """a unit's reload fails only where nothing was done"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    daemon.write(text)
    assert daemon.ctl("reload", *options)[0] == expected


def test_strict_makes_a_reload_all_or_nothing(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n",
                    args=["--strict"])
    code, _ = daemon.reload(
        "20002 stream tcp nowait nosuchuser /bin/true true\n"
        "20003 stream tcp nowait root internal daytime\n")
    assert code == 1 and tcp(20001) and refused(20003)
    assert daemon.service("20003/tcp") is None


def test_address_in_use_is_reported_and_tried_again(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    with contextlib.closing(socket.socket()) as busy:
        busy.bind(("127.0.0.1", 20002))
        busy.listen()
        code, text = daemon.reload(
            "127.0.0.1:20002 stream tcp nowait root internal daytime\n")
        assert code == 3 and "cannot bind" in text
        assert daemon.service("127.0.0.1:20002/tcp")["state"] == "failed"
    wait_for(lambda: not refused(20002), 12)


def test_many_reloads_leak_nothing(superd):
    """xinetd 2.3.12"""
    confs = ["".join(f"{base + i} stream tcp nowait root internal daytime\n"
                     for i in range(50)) for base in (21000, 21025)]
    daemon = superd(confs[0])

    def reload(i):
        assert daemon.reload(confs[(i + 1) % 2])[0] == 0

    def one_internal_process():
        return len(daemon.status()["workers"]) == 1

    for i in range(2):
        reload(i)
    wait_for(one_internal_process)
    fds = daemon.fds()
    # 80 bytes for each reload would be seen
    assert daemon.least_growth(reload, 200 if SLOW < 2 else 40) < 16 * 1024
    wait_for(one_internal_process)
    assert daemon.fds() == fds


def test_refused_reloads_leak_nothing(superd):
    """xinetd 2.3.12; and libconfuse's own leaks of failed includes"""
    good = "20001 stream tcp nowait root internal daytime\n"
    bad = [good + "garbage\n", good + ".include /none\n",
           good + "20002 on exec = /bin/cat, user = root, frob = 1;\n"]
    daemon = superd(good)

    def reload(i):
        assert daemon.reload(bad[i % 3])[0] == 1

    fds = daemon.fds()
    assert daemon.least_growth(reload, 100 if SLOW < 2 else 20) < 8 * 1024
    assert daemon.fds() == fds
    assert tcp(20001)
    assert daemon.reload(good)[0] == 0


def test_reload_while_a_connection_waits_in_the_backlog(superd):
    """what was accepted by the kernel before is served by the new entry"""
    line = f"20001 stream tcp nowait/1 nobody {probe('hold')} hold %d\n"
    daemon = superd(line % 30)
    with connect(20001) as first, connect(20001) as waiting:
        assert first.recv(100)
        assert daemon.reload(
            f"20001 stream tcp nowait/2 root {PROBE} probe new\n")[0] == 0
        assert State(read_all(waiting)).argv == ["probe", "new"]


@pytest.mark.root
def test_service_removed_while_its_client_waits_for_a_process(superd, user,
                                                              tmp_path):
    """fork failed, the connection is held; then its service goes"""
    uid = LONELY
    tmp_path.chmod(0o1777)
    conf = (f"20001 stream tcp nowait lonely /bin/cat cat\n"
            "20002 stream tcp nowait nobody internal daytime\n")
    daemon = superd(conf, starter=[probe("dirty"), f"uid={uid}", "--"])

    def limit(soft):
        subprocess.run(["prlimit", f"--pid={daemon.pid}", f"--nproc={soft}:"],
                       check=True, user=uid, group=uid, extra_groups=[])

    limit(1)
    with connect(20001) as s:
        daemon.wait_log("pause reason=shortage of=processes")
        code, text = daemon.reload(conf.splitlines(True)[1])
        assert code == 1 and "not loaded: Resource temporarily" in text
        # for the loader, before the connection is tried again
        limit(3)
        assert daemon.reload()[0] == 0
        s.settimeout(5 * SLOW)
        assert s.recv(10) == b""
    limit(1000)
    assert tcp(20002) and refused(20001)


@pytest.mark.parametrize("before,after", [
    ("dgram udp wait nobody {serve} serve 500", "dgram udp wait root internal "
     "echo"),
    ("dgram udp wait nobody {serve} serve 500", "dgram udp wait nobody {once} "
     "once"),
    ("dgram udp wait root internal echo", "dgram udp wait nobody {once} once"),
], ids=["to-internal", "to-another", "from-internal"])
def test_wait_service_that_changes_is_served_anew_by_itself(superd, before,
                                                            after):
    """its old server keeps the socket for as long as it runs"""
    names = {"serve": probe("serve"), "once": probe("once")}
    daemon = superd("20001 " + before.format(**names) + "\n")
    first = udp(20001)
    daemon.reload("20001 " + after.format(**names) + "\n")
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: [s["state"] for s in daemon.status()["services"]] ==
             ["listening"], 12)
    answer = udp(20001, b"new")
    assert answer == b"new" if "internal" in after else \
        answer not in (None, first)


def test_wait_becomes_nowait_on_the_same_socket(superd):
    daemon = superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    fd = daemon.service("20001/tcp")["listeners"][0]["fd"]
    assert tcp(20001, b"x").endswith(b"x")
    daemon.reload(f"20001 stream tcp nowait nobody {PROBE} probe\n")
    assert State(tcp(20001)).sockopt["listening"] == 0
    assert daemon.service("20001/tcp")["listeners"][0]["fd"] == fd
    daemon.reload(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    assert tcp(20001, b"x").endswith(b"x")


def test_counters_survive_a_reload(superd):
    conf = "20001 stream tcp nowait root internal daytime\n"
    daemon = superd(conf)
    for _ in range(3):
        tcp(20001)
    daemon.reload(conf + "20002 stream tcp nowait root internal daytime\n")
    assert daemon.service("20001/tcp")["accepted"] == 3


def test_reload_is_told_in_the_log(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    daemon.hup("20002 stream tcp nowait root internal daytime\n")
    daemon.wait_log(r"^superd: reload: added 1, removed 1, changed 0, kept 0")
    assert daemon.status()["reloads"] == 1


def test_reload_of_many_services_stops_nobody(superd):
    """design 11: nothing is closed that did not change"""
    lines = [f"{21000 + i} stream tcp4 nowait root internal daytime\n"
             for i in range(500)]
    daemon = superd("".join(lines))
    fds = {s["id"]: s["listeners"][0]["fd"]
           for s in daemon.status()["services"]}
    code, text = daemon.reload("".join(lines[:-1]) + "20999" + lines[-1][5:])
    assert code == 0 and "added 1, removed 1, changed 0, kept 499" in text
    after = {s["id"]: s["listeners"][0]["fd"]
             for s in daemon.status()["services"]}
    assert all(after[id] == fds[id] for id in after if id in fds)
    assert tcp(20999) and refused(21499)


def test_storm_of_sighups_coalesces(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    fds = daemon.fds()
    for _ in range(3000):
        daemon.signal(signal.SIGHUP)
    wait_for(lambda: daemon.status()["reloads"] > 0)
    assert tcp(20001)
    wait_for(lambda: daemon.fds() <= fds)


def test_sighup_during_a_reload_is_not_lost(superd):
    """OpenBSD 2004: flag cleared after the work"""
    line = "%d stream tcp nowait root internal daytime\n"
    daemon = superd(line % 20000)
    for i in range(1, 40):
        daemon.write(line % (20000 + i))
        daemon.signal(signal.SIGHUP)
    wait_for(lambda: not refused(20039))


def test_service_removed_and_added_again_never_gets_two_children(superd):
    """cases: measured two children at once in the peers"""
    conf = f"20001 dgram udp wait nobody {probe('serve')} serve 1500\n"
    daemon = superd(conf)
    first = udp(20001)
    assert daemon.reload("")[0] == 0
    assert daemon.reload(conf)[0] == 0
    assert udp(20001) == first
    assert daemon.status()["children"] == 1
    assert daemon.service("20001/udp")["state"] == "busy"
    wait_for(lambda: daemon.status()["children"] == 0, 10)
    assert udp(20001) not in (None, first)
    assert len(daemon.child_pids()) == 1


def test_removed_wait_service_releases_its_port_when_its_child_ends(superd):
    daemon = superd(f"20001 dgram udp wait nobody {probe('serve')} serve 300\n")
    udp(20001)
    daemon.reload("")
    wait_for(lambda: daemon.status()["services"] == [])

    def free():
        try:
            with udp_socket(source=("127.0.0.1", 20001)):
                return True
        except OSError:
            return False
    wait_for(free)


def test_service_that_moves_to_another_line_keeps_its_socket(superd):
    """tcp becomes tcp4: another id, the same IPv4 socket, nothing lost"""
    daemon = superd(f"20001 stream tcp nowait root {PROBE} probe\n")
    before = {one["address"]: one["fd"]
              for one in daemon.service("20001/tcp")["listeners"]}
    daemon.reload(f"20001 stream tcp4 nowait root {PROBE} probe\n")
    after = daemon.service("20001/tcp4")["listeners"]
    assert [one["fd"] for one in after] == [before["0.0.0.0:20001"]]
    assert State(tcp(20001)) and refused(20001, "::1")


def test_wildcard_replaced_by_an_address_and_back(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    for address in ("127.0.0.1:", "", "[::1]:", ""):
        assert daemon.reload(f"{address}20001 stream tcp nowait root "
                             "internal daytime\n")[0] == 0
        assert tcp(20001, host="::1" if "::" in address else "127.0.0.1")


def test_limits_change_at_once(superd):
    line = f"20001 stream tcp nowait/%d nobody {probe('hold')} hold\n"
    daemon = superd(line % 1)
    with connect(20001) as s, connect(20001) as t:
        assert s.recv(100)
        wait_for(lambda: daemon.service("20001/tcp")["paused"])
        daemon.reload(line % 2)
        t.settimeout(5)
        assert t.recv(100).startswith(b"held")


def test_dry_run_says_the_difference_and_changes_nothing(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n"
                    "20002 stream tcp nowait root internal daytime\n")
    daemon.write("20001 stream tcp nowait root internal echo\n"
                 "20003 stream tcp nowait root internal daytime\n")
    code, text = daemon.ctl("reload", "--dry-run")
    assert code == 0
    assert "added 1, removed 1, changed 1, kept 0" in text
    assert refused(20003) and tcp(20002)
    code, text = daemon.ctl("reload")
    assert "added 1, removed 1, changed 1, kept 0" in text


def test_directory_as_second_argument(superd, tmp_path):
    more = tmp_path / "inetd.d"
    more.mkdir()
    (more / "one").write_text("20002 stream tcp nowait root internal "
                              "daytime\n")
    for name in ("two.bak", "three~", ".hidden"):
        (more / name).write_text("20003 stream tcp nowait root internal "
                                 "daytime\n")
    (more / "folder").mkdir()
    os.mkfifo(more / "fifo")
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait root internal daytime\n")
    control = tmp_path / "c2"
    process = subprocess.Popen(
        [SUPERD, "-F", "-p", "none", "--control", control, conf, more],
        stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: not refused(20002))
        assert tcp(20001) and refused(20003)
        (more / "four").write_text("20004 stream tcp nowait root internal "
                                   "daytime\n")
        done = subprocess.run([SUPERCTL, "-s", control, "reload"],
                              capture_output=True, text=True, check=True)
        assert "added 1, removed 0, changed 0, kept 2" in done.stdout
        assert tcp(20004)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_replaced_file_is_opened_anew(superd, tmp_path):
    """update-inetd moves a new file over the old one"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    new = tmp_path / "new"
    new.write_text("20002 stream tcp nowait root internal daytime\n")
    new.rename(daemon.conf)
    daemon.hup()
    assert tcp(20002) and refused(20001)


def test_unservable_entry_is_tried_again_by_itself(superd, tmp_path, mounts):
    """a host name that resolves only later"""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    nss = tmp_path / "nsswitch.conf"
    nss.write_text("hosts: files\npasswd: files\ngroup: files\n"
                   "services: files\nprotocols: files\n")
    mounts(hosts, "/etc/hosts")
    mounts(nss, "/etc/nsswitch.conf")
    daemon = superd("20001 stream tcp nowait root internal daytime\n"
                    "later.example:20002 stream tcp nowait root internal "
                    "daytime\n")
    assert daemon.status()["unservable"][0]["line"] == 2
    hosts.write_text("127.0.0.1 localhost\n127.0.0.5 later.example\n")
    wait_for(lambda: not refused(20002, "127.0.0.5"), 15)
    assert daemon.status()["unservable"] == []


@pytest.mark.root
def test_a_retry_that_takes_long_holds_no_port(superd, tmp_path, mounts):
    """a name server that does not answer is waited for by a process"""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:20 attempts:1\n")
    mounts(resolv, "/etc/resolv.conf")
    good = "20001 stream tcp nowait root internal daytime\n"
    daemon = superd("nowhere.example:20003 stream tcp nowait root internal "
                    "daytime\n20002 stream tcp nowait root internal "
                    "daytime\n" + good)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        server.settimeout(20 * SLOW)
        server.recv(512)
        assert daemon.child_pids()
        assert daemon.reload(good)[0] == 0
        assert refused(20002) and tcp(20001)
        for pid in daemon.child_pids():
            os.kill(pid, signal.SIGKILL)


def test_edited_file_is_not_applied_before_sighup(superd):
    """the retry of an unservable entry must not read what is being written"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n"
                    "nosuchhost.invalid:20002 stream tcp nowait root "
                    "internal daytime\n")
    daemon.write("20003 stream tcp nowait root internal daytime\n")
    time.sleep(6)
    assert refused(20003) and tcp(20001)
