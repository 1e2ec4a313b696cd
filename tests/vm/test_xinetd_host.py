"""A stock Debian host with xinetd, which serves /etc/inetd.conf, too, becomes
one of superd; the tests are the steps of one story, in this order."""

from conftest import commands_of_readme

HOST = "xinetd"
SUPERD = {"/usr/local/sbin/superd"}
UNIT = "superd-xinetd"


def served(host):
    ports = host.ports()
    for port in ("tcp 7", "tcp 79"):
        assert ports.get(port) == SUPERD, ports
    assert not any("/usr/sbin/xinetd" in who for who in ports.values())
    assert host.try_run("pgrep -x xinetd | xargs -r -I{} readlink "
                        "/proc/{}/exe | grep -v superd")[0] != 0
    assert host.try_run("superctl list | grep -w failed")[0] != 0


LINES = """\
finger stream tcp nowait nobody /usr/sbin/tcpd /usr/sbin/in.fingerd
discard stream tcp nowait root internal
"""


def test_the_stock_xinetd_serves_before(host):
    """its own files and, as Debian has it, /etc/inetd.conf"""
    host.run(f"cat > /etc/inetd.conf <<'END'\n{LINES}END\n"
             "sed -i '0,/disable.*yes/s/yes/no/' /etc/xinetd.d/echo; "
             "systemctl restart xinetd")
    host.wait("ports | grep -q 'tcp6* 7 /usr/sbin/xinetd'")
    assert host.try_run("ports | grep 'tcp6* 79 /usr/sbin/xinetd'")[0] == 0


def test_commands_of_readme_let_superd_serve(host):
    """each port is superd's, the one of inetd.conf, too"""
    printed = host.install()
    readme = commands_of_readme("xinetd")
    assert readme[1:] == printed and readme[0] == "make install-xinetd"
    for command in printed:
        host.run(command)
    served(host)


def test_clients_are_served(host):
    text = host.run("exec 3<>/dev/tcp/127.0.0.1/7; echo hello >&3; "
                    "head -1 <&3")
    assert text == "hello\n"


def test_update_inetd_closes_and_opens(host):
    """it restarts whatever serves on a host with xinetd"""
    host.run("update-inetd --disable finger")
    host.wait("! ports | grep -q 'tcp 79 '")
    host.run("update-inetd --enable finger")
    host.wait("ports | grep -q 'tcp 79 '")
    served(host)


def test_serves_after_a_reboot(host):
    host.reboot()
    served(host)
