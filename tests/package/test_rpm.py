"""The RPM packages that "make rpm" makes: what they have and say, and what
they do on a host.

They are installed by Debian's rpm into the root of tests/acceptance, under an
overlay: there its scripts run, and so does superd.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from packages import BUILD, TOP, VERSION, run

from house import House, wait_for, why_not

NAMES = ["superd", "superd-inetd", "superd-xinetd"]
SCRIPTS = ["superd-inetd", "superd-xinetd"]


@pytest.fixture(scope="session")
def rpms():
    """{name: path of its package}, made anew"""
    if not shutil.which("rpmbuild"):
        pytest.skip("rpmbuild is not installed")
    # what is in them, and not how fast it is
    options = "--without check --define 'optflags -O1 -g0' " \
        f"--define '_smp_build_ncpus {os.cpu_count()}'"
    run("make", "-s", "rpm", f"B={BUILD}", f"RPMBUILD_OPTIONS={options}",
        cwd=TOP)
    return {re.sub(r"-[\d.]+-1\..*", "", path.name): path
            for path in (BUILD / "rpm/RPMS").rglob("*.rpm")}


@pytest.fixture(scope="session")
def query(rpms):
    """query(package, option...): the lines that rpm -qp prints"""
    def get(package, *options):
        return run("rpm", "-qp", *options, rpms[package]).splitlines()
    return get


# What they have and say.

def test_there_are_these_packages_and_their_source(rpms):
    assert sorted(name for name in rpms if "debug" not in name) == NAMES
    assert len(list((BUILD / "rpm/SRPMS").glob("*.src.rpm"))) == 1


def test_version_is_that_of_superd(query):
    assert {line for name in NAMES
            for line in query(name, "--qf", "%{VERSION}\n")} == {VERSION}


def test_names_of_inetd_and_xinetd_are_links_to_superd(query):
    for name in "inetd", "xinetd":
        links = query(f"superd-{name}", "--qf",
                      "[%{FILENAMES} %{FILELINKTOS}\n]")
        assert f"/usr/sbin/{name} superd" in links
        assert any(line.startswith(f"/usr/share/man/man8/{name}.8")
                   for line in links)
    assert "/usr/sbin/superd" in query("superd", "-l")


def test_units_and_scripts_are_in_the_package_of_their_name(query):
    for name in NAMES:
        files = query(name, "-l")
        assert f"/usr/lib/systemd/system/{name}.service" in files
        assert (f"/etc/init.d/{name}" in files) == (name in SCRIPTS)


def test_configuration_is_kept_and_the_rest_is_documents_or_programs(query):
    """%config(noreplace) are the files that an administrator edits"""
    kept = {name: set(query(name, "-c")) for name in NAMES}
    assert kept == {
        "superd": {"/etc/sysconfig/superd", "/etc/logrotate.d/superd"},
        "superd-inetd": {"/etc/inetd.conf"},
        "superd-xinetd": {"/etc/xinetd.conf", "/etc/sysconfig/xinetd"}}
    flags = {line for name in NAMES for line in query(
        name, "--qf", "[%{FILEFLAGS:fflags} %{FILENAMES}\n]")}
    assert all(f"cn {path}" in flags for name in NAMES for path in kept[name])
    documents = query("superd", "-d")
    assert "/usr/share/doc/superd/README.md" in documents
    assert any(path.startswith("/usr/share/man/man8/superd.8")
               for path in documents)
    assert query("superd", "-L")[0].endswith("/LICENSE")


def test_each_is_the_only_superserver_of_a_host(query):
    for name in SCRIPTS:
        assert "inetd" in query(name, "--provides")
        assert "xinetd" in query(name, "--conflicts")
        assert f"superd = {VERSION}-1" in query(name, "--requires")
    assert "xinetd" in query("superd-xinetd", "--provides")


def test_libraries_are_found_and_those_for_few_are_recommended(query):
    requires = " ".join(query("superd", "--requires"))
    assert all(library in requires for library in ("libbsd", "libconfuse"))
    assert not re.search("libwrap|libtirpc|libseccomp", requires)
    recommends = " ".join(query("superd", "--recommends"))
    assert all(library in recommends
               for library in ("libtirpc", "libseccomp"))


# what nothing can be done about here: who signs and packs it is said by a
# distribution, xinetd.d is nobody's there, and "manconf" is no folder
NOT_OURS = {"no-signature", "no-packager-tag", "no-group-tag",
            "standard-dir-owned-by-package", "bad-manual-page-folder",
            "missing-dependency-to-logrotate"}


def test_rpmlint_has_no_complaint(rpms):
    if not shutil.which("rpmlint"):
        pytest.skip("rpmlint is not installed")
    done = subprocess.run(
        ["rpmlint", *rpms.values(), TOP / "etc/superd.spec"],
        capture_output=True, text=True, timeout=120, check=False)
    assert " packages and 1 specfiles checked" in done.stdout, \
        done.stdout + done.stderr
    errors = re.findall(r"^.*: E: (\S+).*$", done.stdout, re.M)
    assert set(errors) <= NOT_OURS, done.stdout


# What they do.

@pytest.fixture
def host(rpms):
    """A host without a superserver and without systemd; chkconfig notes what
    it is asked."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    house = House()
    try:
        house.run("rm -f /usr/sbin/superd /usr/sbin/superctl /etc/init.d/* "
                  "/etc/inetd.conf; mkdir -p /var/lock/subsys")
        house.write("/usr/sbin/chkconfig", "#!/bin/sh\n"
                    "echo \"$*\" >> /root/chkconfig.log\n", "755")
        yield house
    finally:
        house.close()


def rpm(host, *argv):
    """Of the machine, in the house's namespaces: what the scripts start and
    end is there.  What they require has been installed by dpkg, unseen."""
    return run("nsenter", "-t", host.pid, "-n", "-m", "-u", "-i", "-p",
               "rpm", "--root", host.work / "root", "--dbpath",
               "/var/lib/rpm", "--nodeps", *argv)


def upgrade(host, paths):
    """rpm runs no scripts of what it replaces by itself: here they are told
    what those of an older version are."""
    rpm(host, "-U", "--force", *paths)
    script = run("rpm", "-qp", "--qf", "%{POSTUN}", paths[-1])
    host.write("/root/postun", script)
    host.run("sh /root/postun 1")


@pytest.mark.parametrize("name", ["inetd", "xinetd"])
def test_package_is_installed_serves_and_goes(host, rpms, name):
    """its start script serves, and chkconfig is told of it"""
    script = f"/etc/init.d/superd-{name}"
    rpm(host, "-i", rpms["superd"], rpms[f"superd-{name}"])
    assert host.out("superd -V").startswith(f"superd {VERSION}")
    assert host.out("cat /root/chkconfig.log") == f"--add superd-{name}\n"
    assert rpm(host, "-V", "superd", f"superd-{name}") == ""
    host.write(*{
        "inetd": ("/etc/inetd.conf",
                  "discard stream tcp nowait root internal\n"),
        "xinetd": ("/etc/xinetd.d/discard", "service discard\n{\n"
                   "type = INTERNAL\nsocket_type = stream\nwait = no\n"
                   "user = root\n}\n")}[name])
    host.run(f"{script} start")
    wait_for(lambda: host.bound("tcp/9"), what="discard")
    assert "listening" in host.out("superctl list")
    assert host.out("ls /var/lock/subsys") == f"superd-{name}\n"
    rpm(host, "-e", "superd", f"superd-{name}")
    wait_for(lambda: not host.bound("tcp/9"), what="no discard")
    assert host.out("tail -1 /root/chkconfig.log") == f"--del superd-{name}\n"
    assert host.out("ls /var/lock/subsys") == ""


def test_upgrade_restarts_it_and_keeps_sessions_and_files(host, rpms):
    both = rpms["superd"], rpms["superd-inetd"]
    rpm(host, "-i", *both)
    host.write("/etc/inetd.conf", "7 stream tcp nowait nobody /bin/cat cat\n")
    host.run("/etc/init.d/superd-inetd start")
    first = host.out("cat /run/inetd.pid")
    session = host.start("curl -s --max-time 60 telnet://localhost:7 "
                         "< /dev/zero > /dev/null")
    try:
        wait_for(lambda: host.run("pgrep -x cat", check=False).stdout,
                 what="a session")
        cat = host.out("pgrep -x cat")
        upgrade(host, both)
        assert host.out("cat /run/inetd.pid") != first
        host.run("/etc/init.d/superd-inetd status")
        assert host.out("cat /etc/inetd.conf").startswith("7 stream")
        assert host.out("pgrep -x cat") == cat
    finally:
        session.kill()
        session.wait()


def test_files_that_somebody_has_changed_are_left(host, rpms):
    rpm(host, "-i", rpms["superd"], rpms["superd-xinetd"])
    mine = ["/etc/xinetd.conf", "/etc/sysconfig/xinetd",
            "/etc/sysconfig/superd"]
    for path in mine:
        host.run(f"echo '# mine' >> {path}")
    rpm(host, "-e", "superd", "superd-xinetd")
    for path in mine:
        assert host.out(f"tail -1 {path}.rpmsave") == "# mine\n"
    assert host.out("find /etc /usr -name '*superd*' ! -name '*.rpmsave' "
                    "! -path '*/rpm/*'") == ""


def test_options_of_red_hats_xinetd_are_used(host, rpms):
    host.write("/etc/sysconfig/xinetd", "EXTRAOPTIONS='-stayalive -limit 7'\n")
    rpm(host, "-i", rpms["superd"], rpms["superd-xinetd"])
    assert "-limit 7" in host.out("cat /etc/sysconfig/xinetd")
    host.run("/etc/init.d/superd-xinetd start")
    assert "-limit\0007\000" in pathlib.Path(
        f"/proc/{host.pid}/root/proc/"
        f"{host.out('cat /run/xinetd.pid').strip()}/cmdline").read_text()
