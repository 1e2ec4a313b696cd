"""A stock Debian host with openbsd-inetd becomes one of superd; the tests are
the steps of one story, in this order."""

import re

import pytest

from conftest import commands_of_readme

HOST = "inetd"
SUPERD = {"/usr/local/sbin/superd"}
UNIT = "superd-inetd"
CONF = "/etc/inetd.conf"
DROPINS = f"/run/systemd/system/{UNIT}.service.d"
EXAMPLES = "/usr/local/share/doc/superd/examples"


def served(host):
    """Are the stock services all superd's, and served, by its own words?"""
    states = host.run("superctl --json list | perl -ne "
                      "'print \"$1\\n\" while /\"state\":\\s*\"(\\w+)\"/g'")
    assert states.split() and set(states.split()) == {"listening"}, states
    ports = host.ports()
    assert ports.get("tcp 79") == SUPERD and ports.get("tcp6 79") == SUPERD
    assert ports.get("tcp 113") == SUPERD
    assert not any("/usr/sbin/inetd" in who for who in ports.values())


def test_the_stock_inetd_serves_before(host):
    assert host.ports()["tcp 79"] == {"/usr/sbin/inetd"}


def test_commands_of_readme_let_superd_serve(host):
    """each port is superd's, and what make prints is what README says"""
    printed = host.install()
    readme = commands_of_readme("inetd")
    assert readme[1:] == printed and readme[0] == "make install-inetd"
    for command in printed:
        host.run(command)
    served(host)


def test_clients_are_served(host):
    text = host.run("exec 3<>/dev/tcp/127.0.0.1/79; echo root >&3; cat <&3")
    assert "Login: root" in text


def test_update_inetd_closes_and_opens(host):
    pid = host.main_pid(UNIT)
    host.run("update-inetd --disable finger")
    host.wait("! ports | grep -q 'tcp 79 '")
    host.run("update-inetd --enable finger")
    host.wait("ports | grep -q 'tcp 79 '")
    assert host.main_pid(UNIT) == pid
    served(host)


def test_old_unit_cannot_take_the_ports_back(host):
    """as a package that wants an inetd tries"""
    assert host.try_run("systemctl start inetd")[0] != 0
    served(host)


def test_reload_with_an_unservable_entry_succeeds(host):
    host.run(f"echo '9009 stream tcp nowait nosuchuser /bin/true true' "
             f">> {CONF}; systemctl reload {UNIT}")
    assert "unknown user nosuchuser" in host.run("journalctl -b -o cat")
    host.run(f"sed -i '/^9009/d' {CONF}; systemctl reload {UNIT}")
    served(host)


def test_reload_that_changes_nothing_fails(host):
    host.run(f"cp {CONF} /root/; printf 'x y\\n' >> {CONF}")
    assert host.try_run(f"systemctl reload {UNIT}")[0] != 0
    host.run(f"cp /root/inetd.conf {CONF}; systemctl reload {UNIT}")
    served(host)


def test_errors_are_errors_in_the_journal(host):
    assert ": error: " in host.run(f"journalctl -b -u {UNIT} -p err -o cat")


def test_comes_back_however_often_it_is_killed(host):
    for _ in range(6):
        pid = host.main_pid(UNIT)
        host.run(f"kill -9 {pid}")
        host.wait(f"p=$(systemctl show -p MainPID --value {UNIT}); "
                  f"[ $p != 0 ] && [ $p != {pid} ] && "
                  f"systemctl -q is-active {UNIT}")
    served(host)


# What servers do that somebody may have: tried as root, and by whom it starts.
RIGHTS = r"""
grep -q "^NoNewPrivs:.0" /proc/self/status || echo no_new_privs
cp /usr/bin/id /tmp/rights.id && chmod u+s /tmp/rights.id || echo set-uid
su -s /bin/sh nobody -c /tmp/rights.id | grep -q "euid=0" || echo setuid
chroot / true || echo chroot
mknod /tmp/rights.node c 1 3 || echo mknod
touch /home/rights /var/rights /etc/rights /usr/local/rights || echo files
head -c 1 /dev/vda >/dev/null || echo devices
bash -c "ulimit -Hn 2000000000; ulimit -Hn 1000000" || echo limits
chown nobody /tmp/rights.node || echo chown
kill -0 1 || echo kill
nice -n -5 true || echo nice
perl -e 'use Socket; socket(my $s, AF_INET, SOCK_RAW, 1) or exit 1' ||
    echo raw
perl -e 'use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0);
    my $up = pack("a16sa22", "lo", 73, ""); ioctl($s, 0x8914, $up) or exit 1' ||
    echo network
rm -f /tmp/rights.* /home/rights /var/rights /etc/rights /usr/local/rights
"""

# ... and what none does.
LOCKED = r"""
mount -t tmpfs none /media && echo mount
unshare -m true && echo namespace
date -s @$(date +%s) >/dev/null && echo clock
hostname guest && echo hostname
sysctl -q -w vm.swappiness=60 && echo tunables
touch /usr/rights && echo programs
mkdir /sys/fs/cgroup/rights && echo cgroup
dd if=/dev/kmsg bs=8192 count=1 >/dev/null && echo kmsg
perl -e 'socket(my $s, 17, 3, 0) or exit 1' && echo packet
umount /media; rmdir /sys/fs/cgroup/rights; rm -f /usr/rights
"""


@pytest.fixture
def child(host):
    """child(script): what it prints that a service has started, as root"""
    host.run(f"echo '9011 stream tcp nowait root /bin/sh sh /root/script' "
             f">> {CONF}; touch /root/script; systemctl reload {UNIT}")

    def ask(script):
        host.run("cat > /root/script <<'END'\n"
                 f"exec 2>/dev/null\n{script}END")
        return host.run("cat < /dev/tcp/127.0.0.1/9011")
    yield ask
    host.run(f"sed -i /^9011/d {CONF}; systemctl reload {UNIT}")


@pytest.fixture
def dropin(host):
    """dropin(command): restart with what it prints as a file of the unit"""
    def put(command):
        host.run(f"mkdir -p {DROPINS}; {command} > {DROPINS}/test.conf; "
                 f"systemctl daemon-reload; systemctl restart {UNIT}")
    yield put
    host.run(f"rm -r {DROPINS}; systemctl daemon-reload; "
             f"systemctl restart {UNIT}")


def test_locks_of_the_unit_leave_servers_their_rights(child):
    assert child(RIGHTS) == ""
    assert child(LOCKED) == ""


def test_administrators_lift_the_locks(child, dropin):
    """with unlock.conf, which is among the examples"""
    dropin(f"cat {EXAMPLES}/unlock.conf")
    assert child(LOCKED).split() == [
        "mount", "namespace", "clock", "hostname", "tunables", "programs",
        "cgroup", "kmsg", "packet"]


def test_superd_lives_with_all_locks_of_the_bold(host, dropin):
    """with every line of lock.conf: programs and internal services"""
    host.run(f"echo '9012 stream tcp nowait root internal echo' >> {CONF}")
    dropin(f"sed 's/^#\\([A-Z]\\)/\\1/' {EXAMPLES}/lock.conf")
    assert host.run(f"systemctl show -p NoNewPrivileges {UNIT}") == \
        "NoNewPrivileges=yes\n"
    served(host)
    assert host.run("exec 3<>/dev/tcp/127.0.0.1/9012; echo hello >&3; "
                    "head -1 <&3") == "hello\n"
    assert "Login: root" in host.run(
        "exec 3<>/dev/tcp/127.0.0.1/79; echo root >&3; cat <&3")
    host.run(f"sed -i /^9012/d {CONF}")


def test_watchdog_ends_it_where_it_hangs_and_it_comes_back(host, dropin):
    dropin("printf '[Service]\nWatchdogSec=10\n'")
    pid = host.main_pid(UNIT)
    host.run(f"kill -STOP {pid}")
    host.wait(f"p=$(systemctl show -p MainPID --value {UNIT}); "
              f"[ $p != 0 ] && [ $p != {pid} ] && "
              f"systemctl -q is-active {UNIT}", 90)
    assert "Watchdog timeout" in host.run(f"journalctl -b -u {UNIT} -o cat")
    served(host)


STUBBORN = "9010 stream tcp nowait root /bin/sh sh -c " \
    "'trap \"\" TERM HUP; echo ready; while :; do sleep 1; done'"


def test_sessions_outlive_a_restart(host):
    host.run(f'cat >> {CONF} <<"END"\n{STUBBORN}\nEND\n'
             f"systemctl reload {UNIT}")
    host.run("exec 3<>/dev/tcp/127.0.0.1/9010; read -r line <&3; "
             "[ \"$line\" = ready ]; "
             "setsid sleep 600 <&3 >/dev/null 2>&1 &")
    host.run(f"systemctl restart {UNIT}")
    assert host.run("pgrep -fc 'echo ready' || true").strip() != "0"


def test_reboot_is_not_held_by_a_session(host):
    """one that ignores TERM is gone before systemd waits for what is left"""
    host.run("exec 3<>/dev/tcp/127.0.0.1/9010; read -r line <&3; "
             "setsid sleep 600 <&3 >/dev/null 2>&1 &")
    host.run("sed -i /^9010/d /etc/inetd.conf")
    host.reboot()
    assert "SIGTERM to remaining processes" in host.last_words()
    assert not re.search(r"(SIGKILL to PID|Waiting for process).*\((sh|sleep)",
                         host.last_words()), host.last_words()


def test_serves_after_a_reboot(host):
    served(host)
