"""superd, or a peer to compare with (ACCEPT_DAEMON), inside the house."""

import os
import subprocess
import tempfile
import time

import pytest
from house import wait_for

KIND = os.environ.get("ACCEPT_DAEMON", "superd")
FILES = {"inetd": "/etc/inetd.conf", "xinetd": "/etc/xinetd.conf"}
COMMANDS = {
    ("superd", "inetd"): "/usr/sbin/superd -F -f /etc/inetd.conf",
    ("superd", "xinetd"): "/usr/sbin/superd -F -f /etc/xinetd.conf",
    ("openbsd", "inetd"): "/opt/openbsd-inetd/usr/sbin/inetd -i "
                          "/etc/inetd.conf",
    ("inetutils", "inetd"): "/opt/inetutils-inetd/usr/sbin/inetutils-inetd "
                            "-d /etc/inetd.conf",
    ("xinetd", "xinetd"): "/opt/xinetd/usr/sbin/xinetd -dontfork "
                          "-f /etc/xinetd.conf",
}
DIALECTS = [dialect for dialect in FILES if (KIND, dialect) in COMMANDS]
# its own, for what no other has
FILES["superd"] = "/etc/superd.conf"
COMMANDS["superd", "superd"] = "/usr/sbin/superd -F -f /etc/superd.conf"


def differs(reason, *kinds):
    """Marks a test that these peers are known to fail."""
    return pytest.mark.xfail(KIND in kinds, reason=reason, strict=True)


class Daemon:
    """One daemon in the foreground; ports are those it must have bound."""

    def __init__(self, house, dialect, text, ports=(), cwd="/"):
        self.house = house
        self.file = FILES[dialect]
        self.before = set(house.pids())
        house.write(self.file, text)
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = house.start(
            f"cd {cwd} && echo $$ > /run/daemon.pid && "
            f"exec {COMMANDS[KIND, dialect]}",
            stdout=self.log, stderr=self.log)
        try:
            wait_for(lambda: self.process.poll() is not None or
                     self.is_ready(ports), 20, "a ready daemon")
            assert self.process.poll() is None, "the daemon has ended"
            self.pid = int(house.out("cat /run/daemon.pid"))
        except BaseException:
            self.stop()
            raise

    def is_ready(self, ports):
        if KIND == "superd" and "ready" not in self.text():
            return False
        return all(self.house.bound(port) for port in ports)

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def waiters(self, name):
        """The servers of this name that the daemon itself has started."""
        return self.house.children(self.pid, name)

    def reload(self, text):
        self.house.write(self.file, text)
        self.house.run(f"kill -HUP {self.pid}")

    def settle(self):
        """A child may withdraw what is registered, after its parent's end."""
        end = time.monotonic() + 2
        while time.monotonic() < end and any(
                pid not in self.before and name == "superd"
                for pid, (name, _) in self.house.pids().items()):
            time.sleep(0.02)

    def stop(self):
        """Ends it as an administrator would; what it started goes too."""
        if self.log.closed:
            return
        if self.process.poll() is None:
            self.house.run("kill $(cat /run/daemon.pid)", check=False)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pytest.fail("the daemon does not end on SIGTERM")
        finally:
            self.process.kill()
            self.process.wait()
            print(self.text()[-5000:])
            self.log.close()
            self.settle()
            self.house.sweep(self.before)
        assert KIND != "superd" or self.process.returncode == 0
