"""Sessions in control groups, where superd's unit has box.conf: what is tried
to break out of them, and what is left."""

import pytest

HOST = "inetd"

CONF = r'''
defaults { box = ctf user = nobody server = /bin/sh }
service "limits" { listen = {"127.0.0.1:2001"}
	server_args = {"-c", "cd /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup) && cat memory.max pids.max cpu.max io.weight"}
	memory_max = 32M pids_max = 20 cpu_max = 50% io_weight = 50 }
service "forks" { listen = {"127.0.0.1:2002"}
	server_args = {"-c", "exec 2>&1; i=0; while [ $i -lt 200 ]; do setsid sleep 1234 < /dev/null > /dev/null & i=$((i+1)); echo $i; done"} }
service "memory" { listen = {"127.0.0.1:2003"} memory_max = 16M
	server_args = {"-c", "exec 2>&1; head -c 100M /dev/zero | tail -c 90M | wc -c; echo survived"} }
service "leaves" { listen = {"127.0.0.1:2004"} private_pid = no
	server_args = {"-c", "setsid sleep 4321 < /dev/null > /dev/null 2>&1 & echo left"} }
service "plain" { listen = {"127.0.0.1:2005"} box = none
	server_args = {"-c", "cat /proc/self/cgroup"} }
'''


@pytest.fixture(scope="module")
def boxes(host):
    host.install()
    host.run("systemctl stop inetd")
    conf = CONF.replace("server = /bin/sh", "")
    conf = conf.replace("\tserver_args", "\tserver = /bin/sh server_args")
    host.run("cat > /etc/superd.conf <<'END'\n" + conf + "END\n")
    host.run("mkdir -p /run/systemd/system/superd.service.d && "
             "cp /usr/local/share/doc/superd/examples/box.conf "
             "/run/systemd/system/superd.service.d && "
             "systemctl daemon-reload && systemctl start superd")
    host.wait("ports | grep -q 'tcp 2005 '")
    return host


def ask(host, port):
    return host.run(f"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3", 120)


def nothing_is_left(host):
    host.wait("! ls -d /sys/fs/cgroup/system.slice/superd.service/session-*")


def test_every_service_is_served(boxes):
    log = boxes.run("journalctl -u superd --no-pager")
    assert "5 services" in log and "box:" not in log, log


def test_session_is_in_a_group_with_its_limits(boxes):
    assert ask(boxes, 2001).split() == [
        "33554432", "20", "50000", "100000", "default", "50"]
    nothing_is_left(boxes)


def test_superd_is_in_a_group_of_its_own_with_those_without_limits(boxes):
    assert ask(boxes, 2005).strip() == \
        "0::/system.slice/superd.service/daemon.superd"


def test_fork_bomb_is_bounded_and_leaves_nothing(boxes):
    made = [int(word) for word in ask(boxes, 2002).split() if word.isdigit()]
    assert 40 < len(made) < 64
    nothing_is_left(boxes)
    boxes.wait("! pgrep -f 'sleep 1234'")


def test_memory_bomb_ends_its_session_and_no_other(boxes):
    assert "survived" not in ask(boxes, 2003)
    nothing_is_left(boxes)
    assert "daemon.superd" in ask(boxes, 2005)


def test_what_a_session_leaves_is_killed(boxes):
    """also without a pid namespace"""
    assert "left" in ask(boxes, 2004)
    boxes.wait("! pgrep -f 'sleep 4321'")
    nothing_is_left(boxes)


def test_groups_are_made_again_after_a_crash(boxes):
    pid = boxes.main_pid("superd")
    boxes.run(f"kill -9 {pid}")
    boxes.wait(f"p=$(systemctl show -p MainPID --value superd); "
               f"[ $p != 0 ] && [ $p != {pid} ] && "
               "ports | grep -q 'tcp 2005 '")
    assert ask(boxes, 2001).split()[1] == "20"
    nothing_is_left(boxes)
