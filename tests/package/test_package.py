"""The Debian packages that "make deb" makes: what they have and say, and
what they do on a host.

They are installed in the root of tests/acceptance, under an overlay.
"""

import os
import pathlib
import re
import shutil

import pytest
from packages import BUILD, TOP, VERSION, run

from house import House, why_not

NAMES = ["superd", "superd-common", "superd-xinetd"]


@pytest.fixture(scope="session")
def debs():
    """{name: path of its package}, made anew"""
    if not shutil.which("dh"):
        pytest.skip("debhelper is not installed")
    jobs = f"nocheck noautodbgsym parallel={os.cpu_count()}"
    run("make", "-s", "deb", f"B={BUILD}", cwd=TOP,
        env={**os.environ, "DEB_BUILD_OPTIONS": jobs})
    return {path.name.split("_")[0]: path
            for path in (BUILD / "deb").glob("*.deb")}


@pytest.fixture(scope="session")
def field(debs):
    """field(package, name)"""
    def get(package, name):
        return run("dpkg-deb", "-f", debs[package], name).strip()
    return get


@pytest.fixture(scope="session")
def files(debs):
    """files(package): {path: what it is a link to, or None}"""
    def get(package):
        found = {}
        for line in run("dpkg-deb", "-c", debs[package]).splitlines():
            path = re.split(r" \./", line, maxsplit=1)[1]
            if not path.endswith("/"):
                path, _, target = path.partition(" -> ")
                found["/" + path] = target or None
        return found
    return get


@pytest.fixture
def script(debs, tmp_path):
    """script(package, name): a file of its control part, or nothing"""
    def get(package, name):
        run("dpkg-deb", "-e", debs[package], tmp_path / package)
        path = tmp_path / package / name
        return path.read_text() if path.exists() else ""
    return get


# What they have and say.

def test_there_are_these_packages_and_their_source(debs):
    assert sorted(name for name in debs if "dbgsym" not in name) == NAMES
    assert len(list((BUILD / "deb").glob("*.dsc"))) == 1


def test_version_is_that_of_superd(field):
    assert {field(name, "Version") for name in NAMES} == {VERSION}


@pytest.mark.parametrize("name", ["superd", "superd-xinetd"])
def test_each_is_the_only_superserver_of_a_host(name, field):
    for relation in "Provides", "Conflicts", "Replaces":
        assert field(name, relation) == "inet-superserver"
    assert "tcpd" in field(name, "Recommends")


def test_other_packages_can_add_their_services(field):
    assert "update-inetd" in field("superd", "Depends")


def test_libraries_are_found_and_those_for_few_are_recommended(field):
    depends = field("superd-common", "Depends")
    assert all(library in depends for library in ("libbsd0", "libconfuse"))
    assert not re.search("libwrap|libtirpc|libseccomp", depends)
    recommends = field("superd-common", "Recommends")
    assert all(library in recommends
               for library in ("libwrap0", "libtirpc3", "libseccomp2"))


def test_names_of_inetd_and_xinetd_are_links_to_superd(files):
    assert files("superd")["/usr/sbin/inetd"] == "superd"
    assert files("superd-xinetd")["/usr/sbin/xinetd"] == "superd"
    assert "/usr/sbin/superd" in files("superd-common")


def test_all_that_is_installed_by_make_is_in_a_package(files):
    installed = next((BUILD / "deb").glob("*/debian/tmp"))
    packed = {pathlib.Path(path).name.removesuffix(".gz")
              for name in NAMES for path in files(name)}
    made = {path.name for path in installed.rglob("*")
            if not path.is_dir()}
    # one is in "copyright", the other has the name that logrotate wants
    assert made - packed == {"LICENSE", "superd.logrotate"}


def test_units_and_scripts_start_what_is_there(debs, files, tmp_path):
    there = set().union(*map(files, NAMES))
    started = set()
    for name in NAMES:
        run("dpkg-deb", "-x", debs[name], tmp_path)
    for path in [*tmp_path.rglob("*.service"), *tmp_path.glob("etc/init.d/*")]:
        started |= set(re.findall(r"/usr/s?bin/\w*(?:inetd|superd|superctl)|"
                                  r"/usr/lib\w*/[\w/-]*", path.read_text()))
    assert {"/usr/sbin/inetd", "/usr/sbin/xinetd",
            "/usr/sbin/superd"} <= started <= there


def test_files_that_dpkg_keeps_are_ours_alone(script):
    assert {line for name in NAMES
            for line in script(name, "conffiles").split()} == {
        "/etc/default/superd", "/etc/init.d/superd-inetd",
        "/etc/init.d/superd-xinetd", "/etc/logrotate.d/superd"}


def test_lintian_has_no_complaint(debs):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    changes = next((BUILD / "deb").glob("*.changes"))
    user = ["--allow-root"] if os.getuid() == 0 else []
    assert run("lintian", *user, "--fail-on", "error,warning", changes) == ""


# What they do.

@pytest.fixture
def host(debs):
    """A host with another superserver, and services from packages."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    house = House()
    try:
        house.run("rm /usr/sbin/superd /usr/sbin/superctl; mkdir /root/debs; "
                  "printf '127.0.0.1 localhost house\n' > /etc/hosts; "
                  "printf '#!/bin/sh\nexit 0\n' > /usr/sbin/policy-rc.d")
        root = pathlib.Path(f"/proc/{house.pid}/root/root")
        for name in NAMES:
            shutil.copy(debs[name], root / "debs")
        shutil.copytree(TOP / "debian/tests", root / "debian/tests")
        yield house
    finally:
        house.close()


def install(host, name, *options):
    return host.out(
        "cd /root/debs && DEBIAN_FRONTEND=noninteractive apt-get -q -y "
        "-o APT::Sandbox::User=root --no-install-recommends "
        f"{' '.join(options)} install ./superd-common_*.deb ./{name}_*.deb "
        "2>&1", timeout=120)


def script_of_autopkgtest(host, name):
    host.run(f"cd /root && mkdir /tmp/adt && AUTOPKGTEST_TMP=/tmp/adt "
             f"sh debian/tests/{name}", timeout=120)


def state(host, name):
    return host.out(f"dpkg-query -W -f '${{db:Status-Status}}' {name}",
                    check=False)


def remains(host, *paths):
    return [path for path in paths
            if host.run(f"test -e {path}", check=False).returncode == 0]


def test_inetd_is_replaced_and_all_is_served(host):
    before = host.out("cat /etc/inetd.conf")
    assert "superd" not in host.out("/etc/init.d/inetutils-inetd start")
    text = install(host, "superd")
    assert "inetutils-inetd" in text
    assert state(host, "inetutils-inetd") != "installed"
    assert host.out("cat /etc/inetd.conf") == before
    assert host.out("cat /proc/$(cat /run/inetd.pid)/comm") == "inetd\n"
    script_of_autopkgtest(host, "inetd")


def test_upgrade_keeps_sessions_and_files(host):
    install(host, "superd")
    host.run("echo '# mine' >> /etc/default/superd; "
             "echo '7 stream tcp nowait nobody /bin/cat cat' "
             ">> /etc/inetd.conf; superctl reload")
    first = host.out("cat /run/inetd.pid")
    session = host.start("curl -s --max-time 30 telnet://localhost:7 "
                         "< /dev/zero > /dev/null")
    try:
        host.run("for i in $(seq 100); do pgrep -x cat && exit; sleep 0.1; "
                 "done; exit 1")
        cat = host.out("pgrep -x cat")
        install(host, "superd", "--reinstall")
        assert host.out("cat /run/inetd.pid") != first
        assert host.out("tail -1 /etc/default/superd") == "# mine\n"
        assert "/bin/cat" in host.out("tail -1 /etc/inetd.conf")
        host.run("superctl -q show 7/tcp")
        assert host.out("pgrep -x cat") == cat
    finally:
        session.kill()
        session.wait()


PURGE = "dpkg --force-depends --purge superd superd-common superd-xinetd"


@pytest.mark.parametrize("name,ours", [
    ("superd", ["/etc/inetd.conf"]),
    ("superd-xinetd", ["/etc/xinetd.conf", "/etc/default/xinetd"])])
def test_purge_removes_what_nobody_has_changed(host, name, ours):
    host.run(f"rm -f {' '.join(ours)}")
    install(host, name)
    assert remains(host, *ours) == ours
    host.run("dpkg --force-depends --remove " + name)
    assert remains(host, *ours) == ours
    host.run(PURGE)
    assert host.out("find /etc -name '*superd*'; pgrep inetd || true") == ""
    assert remains(host, *ours) == []


@pytest.mark.parametrize("name,theirs", [
    ("superd", ["/etc/inetd.conf"]),
    ("superd-xinetd", ["/etc/xinetd.conf", "/etc/default/xinetd"])])
def test_purge_leaves_what_somebody_has_changed(host, name, theirs):
    host.run(f"rm -f {' '.join(theirs)}")
    install(host, name)
    for path in theirs:
        host.run(f"echo '# mine' >> {path}")
    host.run(PURGE)
    assert remains(host, *theirs) == theirs


def test_xinetd_is_replaced_with_its_files_and_options(host):
    host.write("/etc/xinetd.conf", "includedir /etc/xinetd.d\n")
    host.write("/etc/default/xinetd", "XINETD_OPTS=-stayalive\n"
               "INETD_COMPAT=No\n")
    install(host, "superd-xinetd")
    assert state(host, "inetutils-inetd") != "installed"
    assert host.out("cat /proc/$(cat /run/xinetd.pid)/comm") == "xinetd\n"
    assert "www" not in host.out("superctl list")
    host.write("/etc/default/xinetd", "INETD_COMPAT=Yes\n")
    host.run("/etc/init.d/superd-xinetd restart")
    script_of_autopkgtest(host, "xinetd")


def test_one_of_the_two_replaces_the_other(host):
    install(host, "superd")
    install(host, "superd-xinetd")
    assert state(host, "superd") != "installed"
    assert host.out("cat /proc/$(cat /run/xinetd.pid)/comm") == "xinetd\n"
    assert host.out("pgrep -x inetd || true") == ""


def test_autopkgtest_finds_no_fault(host):
    """as Debian runs it, with the packages at hand as its archive"""
    if host.run("command -v autopkgtest", check=False).returncode != 0:
        pytest.skip("the private root has no autopkgtest")
    root = pathlib.Path(f"/proc/{host.pid}/root/root")
    shutil.copytree(TOP / "debian", root / "superd/debian")
    # a tree that has been built: it does not build it again
    (root / "superd/debian/files").touch()
    text = host.out("cd /root && autopkgtest --no-built-binaries debs/*.deb "
                    "superd/ -- null 2>&1", timeout=300)
    summary = text.partition("@ summary\n")[2]
    for name in "inetd", "xinetd":
        assert re.search(rf"^{name} +PASS$", summary, re.M), text
