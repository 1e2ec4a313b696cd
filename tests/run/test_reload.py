"""Reload is a transaction; what did not change is not touched."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import (SUPERCTL, SUPERD, SLOW, State, connect, probe, refused, tcp, udp,
                      udp_socket, wait_for)

PROBE = probe("probe")


def test_changed_arguments_and_user_apply_to_the_next_child(superd):
    """T011, finit a1ea8ff5: and the socket is never closed"""
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

    thread = threading.Thread(target=hammer)
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
    """T012"""
    line = "%d stream tcp nowait root internal daytime\n"
    daemon = superd(line % 20000)
    for i in range(1, 6):
        daemon.hup(line % (20000 + i))
        for host in ("127.0.0.1", "::1"):
            assert tcp(20000 + i, host=host)
            assert refused(20000 + i - 1, host)


def test_live_connection_survives_and_is_still_counted(superd):
    """T016, finit 7ed9f2ad"""
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
    """T018, xinetd 2.1.6, finit 68ef6ec1"""
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
                                   "garbage", "truncated", "fifo", "nul"])
def test_broken_file_changes_nothing(superd, tmp_path, spoil):
    """T019: openbsd-inetd exits"""
    conf = ("20001 stream tcp nowait root internal daytime\n"
            "20002 stream tcp nowait root internal daytime\n")
    daemon = superd(conf)
    if spoil == "unreadable" and os.getuid() == 0:
        pytest.skip("root can read everything")
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
        elif spoil == "unreadable":
            daemon.conf.touch(mode=0)
    code, text = daemon.reload()
    assert code == 1 and str(daemon.conf) in text and "error" in text
    assert "nothing was changed" in text
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("refused, nothing was changed")
    assert tcp(20001) and tcp(20002)


def test_empty_file_removes_all(superd):
    """T019: no services enabled is a normal state"""
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
    assert code == 1
    assert f"{daemon.conf}:1:25: error: unknown user nosuchuser" in text
    assert State(tcp(20002)).argv == ["probe", "old"]
    assert daemon.service("20002/tcp")["state"] == "stale"
    assert refused(20003) and tcp(20004) and refused(20001)


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
        assert code == 1 and "cannot bind" in text
        assert daemon.service("127.0.0.1:20002/tcp")["state"] == "failed"
    wait_for(lambda: not refused(20002), 12)


def test_many_reloads_leak_nothing(superd):
    """T021, xinetd 2.3.12"""
    confs = ["".join(f"{base + i} stream tcp nowait root internal daytime\n"
                     for i in range(50)) for base in (21000, 21025)]
    daemon = superd(confs[0])
    for i in range(40):
        assert daemon.reload(confs[(i + 1) % 2])[0] == 0
    fds, rss = daemon.fds(), daemon.rss()
    for i in range(300):
        assert daemon.reload(confs[(i + 1) % 2])[0] == 0
    assert daemon.fds() == fds
    assert daemon.rss() - rss < 256 * 1024 * (1 if SLOW == 1 else 100)


def test_storm_of_sighups_coalesces(superd):
    daemon = superd("20001 stream tcp nowait root internal daytime\n")
    fds = daemon.fds()
    for _ in range(3000):
        daemon.signal(signal.SIGHUP)
    wait_for(lambda: daemon.status()["reloads"] > 1)
    assert tcp(20001)
    wait_for(lambda: daemon.fds() == fds)


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
    """T100"""
    more = tmp_path / "inetd.d"
    more.mkdir()
    (more / "one").write_text("20002 stream tcp nowait root internal "
                              "daytime\n")
    for name in ("two.bak", "three~", ".hidden"):
        (more / name).write_text("20003 stream tcp nowait root internal "
                                 "daytime\n")
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
    if os.getuid() != 0:
        pytest.skip("needs the real root")
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


def test_edited_file_is_not_applied_before_sighup(superd):
    """the retry of an unservable entry must not read what is being written"""
    daemon = superd("20001 stream tcp nowait root internal daytime\n"
                    "nosuchhost.invalid:20002 stream tcp nowait root "
                    "internal daytime\n")
    daemon.write("20003 stream tcp nowait root internal daytime\n")
    time.sleep(6)
    assert refused(20003) and tcp(20001)
