"""Files of xinetd, with the effect that they had."""

import os
import re
import socket
import subprocess
import threading
import time

import pytest
from conftest import (SLOW, SUPERD, State, connect, probe, process_status,
                      read_all, refused, tcp, udp, wait_for)

PROBE = probe("probe")


def stanza(name="one", port=20001, **attributes):
    values = {"type": "UNLISTED", "port": port, "socket_type": "stream",
              "protocol": "tcp", "wait": "no", "user": "nobody",
              "server": PROBE, "flags": "NOLIBWRAP"}
    values.update(attributes)
    body = "".join(f"\t{key.rstrip('_')} {'' if str(value)[:2] in ('+=', '-=') else '= '}{value}\n"
                   for key, value in values.items() if value is not None)
    return f"service {name}\n{{\n{body}}}\n"


def test_service_with_arguments_and_umask_and_limits(xinetd):
    xinetd("defaults\n{\n\tinstances = 5\n}\n" + stanza(
        server_args='-u "two words"', umask="077", nice="3",
        rlimit_cpu="20", rlimit_as="512M", env="A=1 B=two", groups="yes"))
    state = State(tcp(20001))
    assert state.argv == ["probe", "-u", "two words"]
    assert state["umask"] == "077" and state["nice"] == str(min(19, os.nice(0) + 3))
    assert state.rlimit["cpu"] == (20, 20)
    assert state.rlimit["as"] == (512 << 20, 512 << 20)
    assert state.env["A"] == "1" and state.env["B"] == "two"
    assert state.env["REMOTE_HOST"] == "127.0.0.1"
    assert state["groups"].split() == ["65534"]


@pytest.mark.root
def test_without_groups_there_are_no_supplementary_groups(xinetd):
    xinetd(stanza(group="daemon"))
    state = State(tcp(20001))
    assert state["gid"] == "1 1" and state["groups"] == ""


def test_environment_passes_unless_passenv_says_what(xinetd):
    env = dict(os.environ, SECRET="s", KEPT="k", LD_X="x", NOTIFY_SOCKET="/x")
    daemon = xinetd(stanza() + stanza("two", 20002, passenv="KEPT") +
                    stanza("three", 20003, passenv=""), env=env)
    state = State(tcp(20001))
    assert state.env["SECRET"] == "s" and "LD_X" not in state.env
    assert "NOTIFY_SOCKET" not in state.env
    state = State(tcp(20002))
    assert state.env["KEPT"] == "k" and "SECRET" not in state.env
    assert "KEPT" not in State(tcp(20003)).env
    assert daemon.alive()


def test_variable_of_the_peer_is_there_once(xinetd):
    """a shell takes the last of two, getenv(3) the first"""
    xinetd(stanza(env="REMOTE_HOST=me A=1"),
           env=dict(os.environ, REMOTE_HOST="you"))
    text = tcp(20001).decode()
    assert text.count("env REMOTE_HOST=") == 1
    assert "env REMOTE_HOST=127.0.0.1\n" in text and "env A=1\n" in text


@pytest.mark.parametrize("flags", ["flags", "late"])
def test_nameinargs_wherever_it_stands(xinetd, flags):
    """xinetd starts a program without argv[0] where the flag comes later"""
    args = {"flags": None, "server_args": "other -x"}
    if flags == "flags":
        args = {"flags": "NAMEINARGS NOLIBWRAP", "server_args": "other -x"}
    else:
        args["flags_"] = "NAMEINARGS NOLIBWRAP"
    xinetd(stanza(**args))
    assert State(tcp(20001)).argv == ["other", "-x"]


@pytest.mark.parametrize("rules,allowed", [
    ({"only_from": "127.0.0.1"}, True),
    ({"only_from": "10.0.0.0"}, False),
    ({"only_from": "127.0.0.0"}, True),
    ({"only_from": "127.0.{0,1}"}, True),
    ({"only_from": "10.0.0.0/8, 127.0.0.0/8"}, True),
    ({"only_from": ""}, False),
    ({"no_access": "127.0.0.1"}, False),
    ({"no_access": "0.0.0.0"}, False),
    ({"only_from": "127.0.0.1", "no_access": "127.0.0.0/8"}, True),
    ({"only_from": "127.0.0.0/8", "no_access": "127.0.0.1"}, False),
    ({"only_from": "127.0.0.1", "no_access": "127.0.0.1"}, False),
    ({"only_from": "localhost"}, True),
    ({"only_from": "nosuch.example.org"}, False),
    ({"no_access": "localhost"}, False),
])
def test_the_better_match_decides_who_may_connect(xinetd, tmp_path, mounts,
                                                  rules, allowed):
    if os.getuid() == 0:
        hosts = tmp_path / "hosts"
        hosts.write_text("127.0.0.1 localhost\n::1 localhost\n")
        nss = tmp_path / "nss"
        nss.write_text("hosts: files\npasswd: files\ngroup: files\n"
                       "services: files\nprotocols: files\n")
        mounts(hosts, "/etc/hosts")
        mounts(nss, "/etc/nsswitch.conf")
    daemon = xinetd(stanza(**rules, log_on_failure="HOST"))
    assert bool(tcp(20001)) == allowed
    if not allowed:
        daemon.wait_log("FAIL: one address from=127.0.0.1")
        assert daemon.service("one")["refused"]["access"] == 1


def test_defaults_are_added_to_and_taken_from(xinetd):
    xinetd("defaults\n{\n\tonly_from = 10.0.0.1\n}\n" + stanza() +
           stanza("two", 20002, only_from="+= 127.0.0.1") +
           stanza("three", 20003, only_from="127.0.0.1") +
           stanza("four", 20004, only_from="-= 10.0.0.1"))
    assert not tcp(20001) and tcp(20002) and tcp(20003)
    assert not tcp(20004)       # an empty list is nobody


def test_datagrams_of_others_never_reach_the_server(xinetd):
    daemon = xinetd(stanza(socket_type="dgram", protocol="udp", wait="yes",
                           server=probe("once"), only_from="10.0.0.1"))
    assert udp(20001, timeout=0.3) is None
    wait_for(lambda: daemon.service("one")["listeners"][0]["dropped"] == 1)
    assert daemon.service("one")["started"] == 0


def test_datagrams_are_refused_by_name_without_a_storm(xinetd):
    daemon = xinetd(stanza(socket_type="dgram", protocol="udp", wait="yes",
                           server=probe("once"),
                           only_from="nosuch.example.org"))
    assert udp(20001, timeout=0.3) is None
    wait_for(lambda: daemon.service("one")["refused"]["access"] == 1, 15)
    time.sleep(0.5)
    assert daemon.service("one")["started"] == 1
    assert "backoff" not in daemon.read_log()


def test_excess_clients_are_refused_with_the_banner(xinetd, tmp_path):
    banner = tmp_path / "fail"
    banner.write_text("too many\n")
    daemon = xinetd(stanza(server=probe("hold"), instances="1",
                           banner_fail=banner, log_on_failure="HOST"))
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        assert tcp(20001) == b"too many\n"
        daemon.wait_log("FAIL: one service_limit from=127.0.0.1")


def test_per_source_with_a_comment_behind_it_limits(xinetd):
    """xinetd drops the whole line"""
    conf = stanza(server=probe("hold"), per_source="1 # one each")
    xinetd(conf)
    with connect(20001) as s:
        assert s.recv(100)
        assert tcp(20001) == b""


def test_banners(xinetd, tmp_path):
    for name in ("always", "success"):
        (tmp_path / name).write_text(name + "\n")
    xinetd(stanza(server="/bin/echo", server_args="hello",
                  banner=tmp_path / "always",
                  banner_success=tmp_path / "success"))
    assert tcp(20001) == b"always\nsuccess\nhello\n"


def test_access_times(xinetd):
    now = time.localtime()
    minute = now.tm_hour * 60 + now.tm_min
    if minute < 5 or minute > 24 * 60 - 5:
        pytest.skip("too near to midnight")
    around = (f"{(minute - 2) // 60}:{(minute - 2) % 60:02}-"
              f"{(minute + 3) // 60}:{(minute + 3) % 60:02}")
    other = "0:00-0:01" if minute > 10 else "23:00-24:00"
    daemon = xinetd(stanza(access_times=around) +
                    stanza("two", 20002, access_times=other,
                           log_on_failure="HOST"))
    assert tcp(20001) and tcp(20002) == b""
    daemon.wait_log("FAIL: two time from=127.0.0.1")


def test_cps_queues_and_never_closes_the_service(xinetd):
    """xinetd refuses everybody for W seconds"""
    xinetd(stanza(cps="5 10"))
    start = time.monotonic()
    assert all(tcp(20001) for _ in range(10))
    assert 0.8 < time.monotonic() - start < 5 * SLOW


def test_log_lines_are_those_of_xinetd(xinetd):
    daemon = xinetd(stanza(server="/bin/sh", server_args="-c 'exit 3'",
                           log_on_success="PID HOST EXIT DURATION"))
    tcp(20001)
    match = daemon.wait_log(r"START: one pid=(\d+) from=127\.0\.0\.1$")
    daemon.wait_log(rf"EXIT: one status=3 pid={match[1]} duration=\d+\(sec\)$")


def test_families_by_flags_and_v6only(xinetd):
    xinetd(stanza(flags="IPv4 NOLIBWRAP") +
           stanza("two", 20002, flags="IPv6 NOLIBWRAP", v6only="no") +
           stanza("three", 20003, v6only="yes") + stanza("four", 20004))
    for port, four, six in ((20001, 1, 0), (20002, 1, 1), (20003, 0, 1),
                            (20004, 1, 1)):
        assert refused(port) != four, port
        assert refused(port, "::1") != six, port


def test_redirect_with_half_close_and_bulk_both_ways(xinetd):
    daemon = xinetd("service echo\n{\n type = INTERNAL UNLISTED\n"
                    " port = 20007\n socket_type = stream\n wait = no\n"
                    " protocol = tcp\n user = root\n}\n" +
                    stanza(server=None, redirect="127.0.0.1 20007") +
                    stanza("two", 20002, server=None,
                           redirect="127.0.0.1 20099") +
                    stanza("three", 20003, server=None,
                           redirect="localhost 20007"))
    assert tcp(20001, b"abc") == b"abc" and tcp(20003, b"x") == b"x"
    data = os.urandom(1 << 20) * 30
    with connect(20001, timeout=60) as s:
        thread = threading.Thread(daemon=True,
            target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
        thread.start()
        got = read_all(s)
        thread.join()
    assert got == data
    assert tcp(20002, b"x") == b""      # nobody listens there
    wait_for(lambda: daemon.status()["children"] == 0)


def test_redirecting_child_is_not_root(xinetd):
    daemon = xinetd(stanza(server=None, redirect="127.0.0.1 20002") +
                    stanza("two", 20002, server=probe("hold")))
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        for pid in daemon.child_pids():
            assert process_status(pid)["Uid"].split()[0] != "0"
        assert s.send(b"x")


def test_tcpmux(xinetd):
    xinetd("service tcpmux\n{\n type = INTERNAL UNLISTED\n port = 20001\n"
           " socket_type = stream\n protocol = tcp\n wait = no\n"
           " user = root\n}\n" +
           stanza("plain", None, type="TCPMUX UNLISTED") +
           stanza("plus", None, type="TCPMUXPLUS UNLISTED"))
    assert State(tcp(20001, b"plain\r\n"))
    assert tcp(20001, b"plus\r\n").startswith(b"+")


def test_service_behind_tcpmux_sends_its_banner(xinetd, tmp_path):
    (tmp_path / "success").write_text("welcome\n")
    xinetd("service tcpmux\n{\n type = INTERNAL UNLISTED\n port = 20001\n"
           " socket_type = stream\n protocol = tcp\n wait = no\n"
           " user = root\n}\n" +
           stanza("one", None, type="TCPMUX UNLISTED", server="/bin/echo",
                  server_args="hello", banner_success=tmp_path / "success"))
    assert tcp(20001, b"one\r\n") == b"welcome\nhello\n"


def test_enabled_and_disabled(xinetd):
    daemon = xinetd("defaults\n{\n enabled = a b\n disabled = b\n}\n" +
                    stanza("a", 20001) + stanza("b", 20002) +
                    stanza("c", 20003) +
                    stanza("a2", 20004, id="a", disable="yes"))
    assert tcp(20001) and refused(20002) and refused(20003)
    assert [s["id"] for s in daemon.status()["services"]] == ["a"]


def test_includedir_and_its_file_names(xinetd, tmp_path):
    (tmp_path / "xinetd.d").mkdir()
    (tmp_path / "xinetd.d" / "one").write_text(
        "# default: off\n# description: a \\\n#  test\n" + stanza())
    (tmp_path / "xinetd.d" / "two.rpmsave").write_text(stanza("two", 20002))
    xinetd(f"defaults\n{{\n\tonly_from = 127.0.0.1\n}}\n"
           f"includedir {tmp_path}/xinetd.d\n")
    assert tcp(20001) and refused(20002)


def test_reload_that_misses_a_brace_changes_nothing(xinetd):
    """xinetd drops every service and kills every session"""
    daemon = xinetd(stanza() + stanza("two", 20002))
    code, text = daemon.reload(stanza("three", 20003).rstrip("}\n"))
    assert code == 1 and "not closed" in text
    assert tcp(20001) and tcp(20002) and refused(20003)


def check(tmp_path, text):
    conf = tmp_path / "xinetd.conf"
    conf.write_text(text)
    done = subprocess.run([SUPERD, "-t", conf], capture_output=True,
                          text=True)
    return done.returncode, done.stderr.replace(f"{conf}:", "")


@pytest.mark.parametrize("attributes,message", [
    ({"bogus": "1"}, "11:2: warning: unknown attribute bogus is ignored"),
    ({"instanses": "1"}, "did you mean instances"),
    ({"per_source": "3 # three"}, "warning: a comment after values"),
    ({"per_source": "many"}, "error: per_source many: expected a number"),
    ({"cps": "5"}, "error: cps: expected 2 values"),
    ({"flags": "LABELED"}, "error: LABELED: not supported by superd"),
    ({"flags": "INTERCEPT"}, "error: INTERCEPT: not supported"),
    ({"type": "NOSUCH"}, "error: type: unknown word NOSUCH"),
    ({"user": "nosuchuser"}, "error: unknown user nosuchuser"),
    ({"server": None}, "error: no server, internal"),
    ({"server": "/nonexistent"}, "warning: program /nonexistent"),
    ({"access_times": "9-10"}, "error: access_times: 9-10"),
    ({"only_from": "10.0.0.256"}, "error: 10.0.0.256: expected an address"),
    ({"port": None}, "error: an UNLISTED service needs a port"),
    ({"socket_type": "dgram", "protocol": "udp"},
     "error: wait = no does not go with socket type dgram"),
    ({"disable": "maybe"}, "error: disable maybe: expected yes or no"),
    ({"log_type": "SYSLOG nothing"},
     "log_type nothing: expected a syslog facility"),
    ({"umask": "999"}, "error: umask 999: expected an octal number"),
    ({"mdns": "yes"}, "warning: this attribute has no effect"),
    ({"deny_time": "soon"},
     "error: deny_time: soon: expected a number of minutes"),
    ({"deny_time": "5"}, "warning: deny_time has no effect without"),
    ({"flags": "IDONLY", "socket_type": "dgram", "protocol": "udp",
      "wait": "yes"}, "error: IDONLY: the client's user"),
    ({"flags": "SENSOR"}, "warning: SENSOR: nobody is denied without"),
])
def test_what_is_wrong_is_said(tmp_path, attributes, message):
    code, text = check(tmp_path, stanza(**attributes))
    assert message in text, text
    assert code == (1 if "error:" in text else 0)


def test_assignment_without_blanks_and_brace_on_the_same_line(tmp_path):
    text = stanza().replace("port = 20001", "port=20001")
    code, out = check(tmp_path, text)
    assert code == 0 and "1 service, 0 errors" in out


def test_debians_stock_files_with_all_services_on(superd, tmp_path):
    """duplicate ids of disabled entries do not clash; enabled ones serve"""
    stock = "".join(
        f"service {name}\n{{\n\tdisable = no\n\ttype = INTERNAL\n"
        f"\tid = {name}-{kind}\n\tsocket_type = {kind}\n\tprotocol = "
        f"{proto}\n\tuser = root\n\twait = {wait}\n}}\n"
        for name in ("echo", "discard", "daytime", "time", "chargen")
        for kind, proto, wait in (("stream", "tcp", "no"),
                                  ("dgram", "udp", "yes")))
    again = stock.replace("disable = no", "disable = yes")
    superd(stock + again, file="xinetd.conf")
    assert tcp(7, b"abc") == b"abc" and udp(7, b"abc") == b"abc"
    assert tcp(13) and len(tcp(37)) == 4 and udp(19)


@pytest.mark.root
def test_inetd_compat_and_what_hides_a_line(superd, tmp_path, mounts):
    """Debian: an entry hides the line of its service, even when disabled"""
    inetd = tmp_path / "inetd"
    inetd.write_text("daytime stream tcp nowait root internal\n"
                     "echo stream tcp nowait root internal\n"
                     "echo dgram udp wait root internal\n")
    subprocess.run(["touch", "/etc/inetd.conf"], check=True) if not \
        os.path.exists("/etc/inetd.conf") else None
    mounts(inetd, "/etc/inetd.conf")
    conf = tmp_path / "xinetd.conf"
    conf.write_text("service echo\n{\n disable = yes\n type = INTERNAL\n"
                    " socket_type = stream\n protocol = tcp\n user = root\n"
                    " wait = no\n}\n")
    process = subprocess.Popen(
        [os.path.join(os.path.dirname(SUPERD), "xinetd"), "-dontfork",
         "-inetd_compat", "-pidfile", tmp_path / "pid", "-f", conf],
        stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: not refused(13))
        assert refused(7) and udp(7, b"abc") == b"abc"
        assert (tmp_path / "pid").read_text() == str(process.pid)
    finally:
        process.terminate()
        log = process.communicate(timeout=10 * SLOW)[1]
    assert process.returncode == 0
    assert re.findall(r"/etc/inetd.conf:\S+ warning: .*", log) == [
        f"/etc/inetd.conf:2:1: warning: echo/tcp is hidden by the entry at "
        f"{conf}:1, which is disabled"]


def test_relative_include_stands_beside_its_file(superd, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x").write_text(stanza())
    superd("includedir more\n", file="xinetd.conf")
    assert tcp(20001)
