"""Hosts that are booted once, and superd as make would install it there."""

import os
import pathlib
import re
import subprocess
import tempfile

import pytest

import machine

B = os.path.abspath(os.environ.get("B", machine.TOP / "build"))


def pytest_runtest_setup(item):
    if machine.WHY.exists():
        pytest.skip(machine.WHY.read_text().strip())


def installed(target, directory):
    """Like make TARGET on that host: its files are in this directory."""
    subprocess.run(["make", "-s", "--no-print-directory", target, f"B={B}",
                    f"DESTDIR={directory}"], check=True, cwd=machine.TOP,
                   stdout=subprocess.DEVNULL)
    # /etc/inetd.conf is the administrator's
    pathlib.Path(directory, "etc/inetd.conf").unlink(missing_ok=True)
    steps = pathlib.Path(directory, "next-steps")
    steps.write_text((machine.TOP / "etc/next-steps").read_text())


class Host(machine.Machine):
    """A guest; name: inetd or xinetd, which superd is to replace."""

    def __init__(self, name):
        self.name = name
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            installed(f"install-{name}", directory)
            super().__init__(name, directory)
        self.run("mount -o ro /dev/vdb /mnt")

    def install(self):
        """What make install-NAME does, and the commands that it prints."""
        self.run("cp -a /mnt/usr /mnt/etc /")
        text = self.run(f"sh /mnt/next-steps {self.name}")
        return re.findall(r"^    (.+)$", text, re.M)

    def ports(self):
        """{"tcp 79": {"/usr/sbin/inetd"}, ...}"""
        found = {}
        for line in self.run("ports").splitlines():
            protocol, port, program, _ = line.split()
            found.setdefault(f"{protocol} {port}", set()).add(program)
        return found

    def wait(self, condition, seconds=60):
        """A shell condition, tried in the guest until it holds."""
        self.run(f"for i in $(seq {seconds * 5}); do {condition} && exit 0;"
                 " sleep 0.2; done; exit 1", seconds + 10)

    def main_pid(self, unit):
        return self.run(f"systemctl show -p MainPID --value {unit}").strip()


@pytest.fixture(scope="module")
def host(request):
    host = Host(request.module.HOST)
    yield host
    host.close()


def commands_of_readme(name):
    """Those of the section Switching for this one."""
    text = (machine.TOP / "README.md").read_text()
    blocks = re.findall(r"((?:^    .+\n)+)", text, re.M)
    block = next(block for block in blocks if f"install-{name}" in block
                 and "superctl" in block)
    return [line.split("#")[0].strip() for line in block.splitlines()]
