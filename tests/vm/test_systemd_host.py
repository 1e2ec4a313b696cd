"""superd as a unit of systemd: what is promised of superd.service, on a host
that runs it beside its old inetd; the tests are the steps of one story, in this
order."""

import json
import re

import pytest

HOST = "inetd"
PROBES = ["rush"]
UNIT = "superd.service"
DROPINS = f"/etc/systemd/system/{UNIT}.d"
CONF = """\
rate = unlimited
instances = unlimited
per_source = unlimited
service day {
    listen = "127.0.0.1:20001"
    internal = daytime
}
service hello {
    listen = "127.0.0.1:20002"
    user = root
    server = "/bin/echo"
    server_args = "hello"
}
service cat {
    listen = "127.0.0.1:20003"
    user = root
    server = "/bin/cat"
}
service passed {
    listen = "127.0.0.1:20005"
    user = root
    server = "/bin/echo"
    server_args = "passed"
}
"""
# 20,000 in all: port, how many at once, and how many; few programs are started,
# since the processor is emulated
RUSH = {20001: (8, 19200), 20002: (8, 800)}
ACTIVE = f"[ $(systemctl show -p SubState --value {UNIT}) = running ]"


def ask(host, port, text=""):
    return host.run(f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
                    f"echo '{text}' >&3; timeout 30 head -1 <&3")


def property_of(host, name):
    return host.run(f"systemctl show -p {name} --value {UNIT}").strip()


def journal(host, *matches):
    """Records of this boot, as journald has them."""
    host.run("journalctl --sync")
    text = host.run("journalctl -b -o json --no-pager " + " ".join(matches))
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def dropin(host):
    """dropin(text): lines of the unit, until the end of the test"""
    def put(text):
        host.run(f"mkdir -p {DROPINS}; printf '%s' '{text}' > "
                 f"{DROPINS}/test.conf; systemctl daemon-reload; "
                 f"systemctl restart {UNIT}")
    yield put
    host.run(f"rm {DROPINS}/test.conf; systemctl daemon-reload; "
             f"systemctl restart {UNIT}")


def test_it_is_ready_when_it_has_started(host):
    host.install()
    host.run("cp /mnt/rush /usr/local/bin")
    host.run(f"cat > /etc/superd.conf <<'END'\n{CONF}END\n")
    host.run(f"systemctl enable --now {UNIT}")
    assert property_of(host, "SubState") == "running"
    assert "4 services" in property_of(host, "StatusText")
    assert ask(host, 20002) == "hello\n"


def test_it_serves_after_a_boot(host):
    host.reboot()
    host.wait(ACTIVE)
    assert ask(host, 20002) == "hello\n"
    assert ask(host, 20001)


def test_exposure_of_the_running_unit_is_at_most_5(host):
    host.run(f"systemd-analyze security --no-pager --threshold=50 {UNIT}")


def test_the_journal_knows_service_and_client(host, dropin):
    dropin("[Service]\nExecStart=\nExecStart=/usr/local/sbin/superd -F -l\n")
    ask(host, 20003, "x")
    host.wait("journalctl -q -b -o json SUPERD_SERVICE=cat "
              "SUPERD_EVENT=exit | grep -q SUPERD_PEER", 30)
    record = journal(host, "SUPERD_SERVICE=cat", "SUPERD_EVENT=exit")[-1]
    assert record["SUPERD_PEER"].startswith("127.0.0.1")
    assert record["_SYSTEMD_UNIT"] == UNIT
    assert re.fullmatch("[0-9a-f]{32}", record["MESSAGE_ID"])
    found = journal(host, f"MESSAGE_ID={record['MESSAGE_ID']}")
    assert {one["SUPERD_EVENT"] for one in found} == {"exit"}


def test_reload_waits_until_it_is_done(host):
    host.run("sed -i s/hello/reloaded/ /etc/superd.conf; "
             f"systemctl reload {UNIT}")
    assert ask(host, 20002) == "reloaded\n"
    host.run("sed -i s/reloaded/hello/ /etc/superd.conf; "
             f"systemctl reload {UNIT}")


def test_notify_reload_is_spoken(host, dropin):
    """systemd waits for RELOADING=1, and for READY=1 after it"""
    version = host.run("systemctl --version").split()[1]
    if int(re.match(r"\d+", version)[0]) < 253:
        pytest.skip(f"systemd {version} has no Type=notify-reload, "
                    "253 has")
    dropin("[Service]\nType=notify-reload\nExecReload=\n")
    test_reload_waits_until_it_is_done(host)


def rush(host, disturb):
    """Lines of (connected, answered, expected), of all clients who came
    while superd was disturbed again and again; and how often it was."""
    loads = " ".join(
        f"rush {port} {clients} {count} > /run/rush.{port} "
        "2> /run/rush.errors & " for port, (clients, count) in RUSH.items())
    times = host.run(f"rm -f /run/rush.*; {loads}\n"
                     "n=0; while [ -n \"$(jobs -r)\" ]; do\n"
                     f"{disturb} || exit 1; n=$((n + 1)); sleep 1; done; "
                     "wait; echo $n", 400)
    told = host.run("sort /run/rush.errors | uniq -c >&2; "
                    "cat /run/rush.2*")
    counts = [tuple(int(word) for word in line.split())
              for line in told.splitlines() if line[0].isdigit()]
    return counts, int(times), told


def test_restarts_under_load_refuse_nobody(host):
    counts, times, told = rush(host, f"systemctl restart {UNIT}")
    wanted = [count for _, count in RUSH.values()]
    assert [connected for connected, _ in counts] == wanted, told
    assert [answered for _, answered in counts] == wanted, told
    assert times >= 3


def test_crashes_under_load_refuse_nobody(host):
    """who is just being accepted may get nothing; the others wait"""
    host.run(f"systemctl reset-failed {UNIT}")
    kill = (f"systemctl kill -s KILL --kill-who=main {UNIT} && sleep 0.2 && "
            f"for i in $(seq 100); do {ACTIVE} && break; sleep 0.2; done && "
            f"{ACTIVE}")
    counts, times, told = rush(host, kill)
    wanted = [count for _, count in RUSH.values()]
    assert [connected for connected, _ in counts] == wanted, told
    for (_, answered), (clients, count) in zip(counts, RUSH.values()):
        assert answered >= count - times * clients, (told, times)
    assert times >= 3


def test_sessions_outlive_restart_and_crash(host):
    """KillMode=process: children are left alone"""
    host.run("exec 3<>/dev/tcp/127.0.0.1/20003; echo one >&3; read -r x <&3\n"
             f"systemctl restart {UNIT}; echo two >&3; read -r y <&3\n"
             f"systemctl kill -s KILL --kill-who=main {UNIT}\n"
             f"for i in $(seq 100); do sleep 0.2; {ACTIVE} && break; done\n"
             "echo three >&3; read -r z <&3; [ $x$y$z = onetwothree ]")


def test_watchdog_brings_a_hung_one_back_and_its_clients_wait(host, dropin):
    dropin("[Service]\nWatchdogSec=5\n")
    pid = host.main_pid(UNIT)
    host.run(f"kill -STOP {pid}")
    assert host.run("exec 3<>/dev/tcp/127.0.0.1/20002; timeout 90 cat <&3",
                    120) == "hello\n"
    host.wait(ACTIVE)
    assert host.main_pid(UNIT) not in (pid, "0")
    assert "Watchdog timeout" in host.run(
        f"journalctl -b -u {UNIT} -o cat")


SOCKET = f"""[Socket]
ListenStream=127.0.0.1:20005
Service={UNIT}
[Install]
WantedBy=sockets.target
"""


def test_its_socket_unit_starts_it(host):
    host.run(f"systemctl stop {UNIT}; cat > "
             f"/etc/systemd/system/superd.socket <<'END'\n{SOCKET}END\n"
             "systemctl daemon-reload; systemctl start superd.socket")
    assert property_of(host, "ActiveState") == "inactive"
    assert ask(host, 20005) == "passed\n"
    host.wait(ACTIVE)
    assert ask(host, 20002) == "hello\n"
    host.run(f"systemctl restart {UNIT}")
    assert ask(host, 20005) == "passed\n"
    host.run("journalctl --sync")
    assert "no service has such a socket" not in host.run(
        f"journalctl -b -u {UNIT} -o cat")


def test_a_stop_closes_what_was_stored(host):
    host.run(f"systemctl stop superd.socket {UNIT}")
    assert not [port for port in host.ports() if " 2000" in port]
