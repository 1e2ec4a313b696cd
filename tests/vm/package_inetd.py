"""A stock Debian host with openbsd-inetd gets the package of superd; the tests
are the steps of one story, in this order."""

HOST = "inetd"
SUPERD = {"/usr/sbin/superd"}
UNIT = "superd-inetd"
CONF = "/etc/inetd.conf"


def served(host):
    ports = host.ports()
    assert ports.get("tcp 79") == SUPERD and ports.get("tcp6 79") == SUPERD
    assert ports.get("tcp 113") == SUPERD
    text = host.run("exec 3<>/dev/tcp/127.0.0.1/79; echo root >&3; cat <&3")
    assert "Login: root" in text


def test_package_takes_the_place_of_openbsd_inetd(host):
    before = host.run(f"cat {CONF}")
    assert host.ports()["tcp 79"] == {"/usr/sbin/inetd"}
    assert "openbsd-inetd" in host.apt()
    served(host)
    assert host.run(f"systemctl is-enabled {UNIT}") == "enabled\n"
    assert host.run(f"cat {CONF}") == before


def test_update_inetd_closes_and_opens(host):
    pid = host.main_pid(UNIT)
    host.run("update-inetd --disable finger")
    host.wait("! ports | grep -q 'tcp 79 '")
    host.run("update-inetd --enable finger")
    host.wait("ports | grep -q 'tcp 79 '")
    assert host.main_pid(UNIT) == pid


def test_start_script_steers_the_unit(host):
    pid = host.main_pid(UNIT)
    host.run(f"/etc/init.d/{UNIT} restart")
    host.wait(f"systemctl -q is-active {UNIT}")
    assert host.main_pid(UNIT) not in (pid, "0")
    served(host)


def test_upgrade_restarts_it_and_keeps_files(host):
    pid = host.main_pid(UNIT)
    host.run("echo '# mine' >> /etc/default/superd")
    host.apt("--reinstall")
    assert host.main_pid(UNIT) not in (pid, "0")
    assert host.run("tail -1 /etc/default/superd") == "# mine\n"
    served(host)


def test_serves_after_a_reboot(host):
    host.reboot()
    served(host)


def test_purge_leaves_the_services_of_other_packages(host):
    before = host.run(f"cat {CONF}")
    host.run("dpkg --force-depends --purge superd superd-common", 120)
    assert "tcp 79" not in host.ports()
    assert host.run(f"cat {CONF}") == before
    assert host.run("find /etc /usr /lib -name '*superd*'") == ""
