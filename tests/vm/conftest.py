"""Hosts that are booted once, and superd as make would install it there, or as
its packages do."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

import machine

B = os.path.abspath(os.environ.get("B", machine.TOP / "build"))


def pytest_runtest_setup(item):
    if machine.WHY.exists():
        pytest.skip(machine.WHY.read_text().strip())


def installed(name, directory):
    """Like make install-NAME on that host: its files are in this directory."""
    subprocess.run(["make", "-s", "--no-print-directory", f"install-{name}",
                    f"B={B}",
                    f"DESTDIR={directory}"], check=True, cwd=machine.TOP,
                   stdout=subprocess.DEVNULL)
    # /etc/inetd.conf is the administrator's
    pathlib.Path(directory, "etc/inetd.conf").unlink(missing_ok=True)
    steps = pathlib.Path(directory, "next-steps")
    steps.write_text((machine.TOP / "etc/next-steps").read_text())


def packed(name, directory):
    """The packages of superd in the place of NAME, in this directory."""
    wanted = ["superd-common_*.deb", {"inetd": "superd_*.deb",
                                      "xinetd": "superd-xinetd_*.deb"}[name]]
    for pattern in wanted:
        found = list(pathlib.Path(B, "deb").glob(pattern))
        if not found:
            pytest.skip("there are no packages: make deb")
        shutil.copy(found[0], directory)


SYSTEMD = "/usr/lib/systemd/systemd"


class Host(machine.Machine):
    """A guest; name: inetd or xinetd, which superd is to replace; bring(name,
    directory) puts there what the guest finds on /mnt."""

    def __init__(self, name, bring):
        self.name = name
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            bring(name, directory)
            super().__init__(name, directory)
        self.run("mount -o ro /dev/vdb /mnt")

    def install(self):
        """What make install-NAME does, and the commands that it prints."""
        self.run("cp -a /mnt/usr /mnt/etc /")
        text = self.run(f"sh /mnt/next-steps {self.name}")
        return re.findall(r"^    (.+)$", text, re.M)

    def apt(self, *options):
        """What somebody types who has the packages."""
        return self.run("DEBIAN_FRONTEND=noninteractive apt-get -q -y "
                        "-o APT::Sandbox::User=root --no-install-recommends "
                        f"{' '.join(options)} install /mnt/*.deb 2>&1", 300)

    def ports(self):
        """{"tcp 79": {"/usr/sbin/inetd"}, ...}; systemd, which keeps sockets
        of services in its store, only where nobody else has one"""
        found = {}
        for line in self.run("ports").splitlines():
            protocol, port, program, _ = line.split()
            found.setdefault(f"{protocol} {port}", set()).add(program)
        return {port: programs - {SYSTEMD} or programs
                for port, programs in found.items()}

    def wait(self, condition, seconds=60):
        """A shell condition, tried in the guest until it holds."""
        self.run(f"for i in $(seq {seconds * 5}); do {condition} && exit 0;"
                 " sleep 0.2; done; exit 1", seconds + 10)

    def main_pid(self, unit):
        return self.run(f"systemctl show -p MainPID --value {unit}").strip()


@pytest.fixture(scope="module")
def host(request):
    bring = packed if request.module.__name__.startswith("package") \
        else installed
    probes = getattr(request.module, "PROBES", ())

    def bring_all(name, directory):
        bring(name, directory)
        for probe in probes:
            shutil.copy(pathlib.Path(B, "probes", probe), directory)
    host = Host(request.module.HOST, bring_all)
    yield host
    host.close()


def commands_of_readme(name):
    """Those of the section Switching for this one."""
    text = (machine.TOP / "README.md").read_text()
    blocks = re.findall(r"((?:^    .+\n)+)", text, re.M)
    block = next(block for block in blocks if f"install-{name}" in block
                 and "superctl" in block)
    return [line.split("#")[0].strip() for line in block.splitlines()]
