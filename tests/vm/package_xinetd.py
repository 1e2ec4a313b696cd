"""A stock Debian host with xinetd, which serves /etc/inetd.conf, too, gets the
package that takes its place; the tests are the steps of one story, in this
order."""

HOST = "xinetd"
SUPERD = {"/usr/sbin/superd"}
UNIT = "superd-xinetd"
FINGER = "finger stream tcp nowait nobody /usr/sbin/tcpd /usr/sbin/in.fingerd"


def served(host):
    ports = host.ports()
    for port in ("tcp 7", "tcp 79"):
        assert ports.get(port) == SUPERD, ports
    assert host.try_run("superctl list | grep -w failed")[0] != 0


def test_package_takes_the_place_of_xinetd(host):
    """with its services, and as Debian has it those of inetd.conf"""
    host.run(f"echo '{FINGER}' > /etc/inetd.conf; "
             "sed -i '0,/disable.*yes/s/yes/no/' /etc/xinetd.d/echo; "
             "systemctl restart xinetd")
    host.wait("ports | grep -q 'tcp6* 7 /usr/sbin/xinetd'")
    assert "xinetd" in host.apt()
    served(host)
    assert host.run(f"systemctl is-enabled {UNIT}") == "enabled\n"


def test_inetd_compat_is_honoured(host):
    host.run("sed -i s/INETD_COMPAT=.*/INETD_COMPAT=No/ /etc/default/xinetd; "
             f"systemctl restart {UNIT}")
    ports = host.ports()
    assert ports.get("tcp 7") == SUPERD and "tcp 79" not in ports
    host.run("sed -i s/INETD_COMPAT=.*/INETD_COMPAT=Yes/ /etc/default/xinetd; "
             f"systemctl restart {UNIT}")
    served(host)


def test_serves_after_a_reboot(host):
    host.reboot()
    served(host)


def test_purge_leaves_the_files_of_xinetd(host):
    before = host.run("md5sum /etc/xinetd.conf /etc/xinetd.d/* "
                      "/etc/default/xinetd")
    host.run("dpkg --force-depends --purge superd-xinetd superd-common", 120)
    assert host.run("md5sum /etc/xinetd.conf /etc/xinetd.d/* "
                    "/etc/default/xinetd") == before
