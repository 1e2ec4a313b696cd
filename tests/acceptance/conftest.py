"""A house of its own for real servers: private root, network, processes."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUPERD = os.path.abspath(os.environ.get("SUPERD", ROOT / "build/superd"))
SUPERCTL = os.path.abspath(os.environ.get("SUPERCTL",
                                          ROOT / "build/superctl"))
HOUSE = ROOT / "build/acceptance-root"
WHY = ROOT / "build/acceptance-root.why"


def wait_for(check, timeout=10.0, what="condition"):
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"timeout waiting for {what}")
        time.sleep(0.02)


class House:
    """The private root under an overlay, in namespaces of its own."""

    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="superd-house-"))
        script = f"""
            set -e
            mount -t tmpfs none {self.work}
            mkdir {self.work}/upper {self.work}/work {self.work}/root
            mount -t overlay none -o lowerdir={HOUSE},upperdir={self.work}/upper,workdir={self.work}/work {self.work}/root
            cd {self.work}/root
            mount -t proc none proc
            mount -t tmpfs none dev
            for node in null zero random urandom tty; do
                touch dev/$node; mount --bind /dev/$node dev/$node
            done
            mkdir dev/pts
            mount -t devpts -o newinstance,ptmxmode=0666,mode=620 none dev/pts
            ln -s pts/ptmx dev/ptmx
            ln -s /proc/self/fd dev/fd
            mount -t tmpfs none run
            mkdir -p run/sshd run/lock
            chmod 1777 tmp
            cp {SUPERD} {SUPERCTL} usr/sbin/
            ln -sf superd usr/sbin/inetd-superd
            cp {HERE}/samples/* root/
            ip link set lo up
            ip addr add 10.9.9.1/24 dev lo
            echo ready
            exec chroot . /bin/sleep 100000
        """
        self.anchor = subprocess.Popen(
            ["unshare", "-n", "-m", "-p", "-f", "--kill-child", "sh", "-c",
             script], stdout=subprocess.PIPE, text=True)
        line = self.anchor.stdout.readline()
        assert line == "ready\n", "the house cannot be built"
        path = f"/proc/{self.anchor.pid}/task/{self.anchor.pid}/children"
        self.pid = wait_for(
            lambda: pathlib.Path(path).read_text().split())[0]
        wait_for(lambda: b"sleep" in pathlib.Path(
            f"/proc/{self.pid}/cmdline").read_bytes())

    def argv(self, command):
        return ["nsenter", "-t", self.pid, "-n", "-m", "-p", "-r", "-w",
                "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/root", "TERM=dumb", "sh", "-c", command]

    def run(self, command, timeout=60, check=True):
        done = subprocess.run(self.argv(command), capture_output=True,
                              timeout=timeout, text=True, errors="replace")
        if check and done.returncode != 0:
            pytest.fail(f"{command}\n{done.stdout}{done.stderr}")
        return done

    def out(self, command, **options):
        return self.run(command, **options).stdout

    def start(self, command, **options):
        return subprocess.Popen(self.argv("exec " + command), **options)

    def write(self, path, text, mode="644"):
        subprocess.run(self.argv(f"cat > {path} && chmod {mode} {path}"),
                       input=text, text=True, check=True)

    def close(self):
        self.anchor.kill()
        self.anchor.wait()
        with contextlib.suppress(OSError):
            self.work.rmdir()


SETUP = r"""
set -e
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$(hostname)" > /etc/hosts
: > /etc/resolv.conf
useradd -m -s /bin/sh alice
echo alice:wonderland | chpasswd
chmod 755 /home/alice
echo 'a fine plan' > /home/alice/.plan
head -c 300000 /dev/urandom > /home/alice/data
echo hello > /home/alice/hello.txt
chown -R alice: /home/alice
mkdir -p /srv/tftp /tftpboot /srv/git /var/www/html /srv/rsync
cp /home/alice/data /srv/tftp/; cp /home/alice/data /tftpboot/
cp /home/alice/data /srv/rsync/; cp /home/alice/data /var/www/html/
echo '<h1>page</h1>' > /var/www/html/index.html
chmod 755 /tftpboot /srv/tftp; chmod 666 /srv/tftp/* /tftpboot/*
touch /srv/tftp/upload; chmod 666 /srv/tftp/upload
printf '[data]\npath = /srv/rsync\nuid = nobody\n' > /etc/rsyncd.conf
ln -sf /usr/sbin/in.fingerd /usr/sbin/fingerd
ln -sf /usr/sbin/in.tftpd /usr/sbin/tftpd
printf '#!/bin/sh\necho "$0 $*" >> /tmp/identd.args\nchmod 666 /tmp/identd.args 2>/dev/null\nexec /usr/sbin/nullidentd\n' > /usr/sbin/in.identd
chmod 755 /usr/sbin/in.identd
sed -i 's/^allowed_hosts=.*/allowed_hosts=127.0.0.1/' /etc/nagios/nrpe.cfg
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519 </dev/null || { mkdir -p /root/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; }
mkdir -p /home/alice/.ssh
cp /root/.ssh/id_ed25519.pub /home/alice/.ssh/authorized_keys
chown -R alice: /home/alice/.ssh; chmod 700 /home/alice/.ssh
ls /etc/ssh/ssh_host_ed25519_key >/dev/null || ssh-keygen -A
git init -q --bare /srv/git/repo.git
cd /tmp; git init -q work; cd work
git config user.email a@b; git config user.name a
echo content > file; git add file; git commit -qm one
git push -q /srv/git/repo.git HEAD:master
chown -R nobody /srv/git
"""

HEALTH = """#!/bin/bash
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nConnection: close\\r\\n'
printf 'Content-Length: 8\\r\\n\\r\\nhealthy\\n'
"""

WAITSRV = """#!/usr/bin/python3
import os, select, socket, sys
listener = socket.socket(fileno=0)
n = 0
while select.select([listener], [], [], float(sys.argv[1]))[0]:
    s, _ = listener.accept()
    n += 1
    s.sendall(b"pid %d conn %d\\n" % (os.getpid(), n))
    s.close()
"""


@pytest.fixture(scope="session")
def house():
    if WHY.exists():
        pytest.skip(WHY.read_text().strip())
    if os.getuid() != 0 or not (HOUSE / ".packages").exists():
        pytest.skip("there is no private root")
    if shutil.which("nsenter") is None:
        pytest.skip("nsenter is missing")
    house = House()
    try:
        house.write("/tmp/setup", SETUP)
        house.run("sh /tmp/setup", timeout=120)
        house.write("/opt/health.sh", HEALTH, "755")
        house.write("/opt/waitsrv.py", WAITSRV, "755")
        rpcbind = house.start("rpcbind -f -w", stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        yield house
        rpcbind.kill()
        rpcbind.wait()
    finally:
        house.close()


class Daemon:
    def __init__(self, house, conf, args="", name="superd", cwd="/"):
        self.house = house
        house.write("/etc/test.conf", conf)
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            house.argv(f"cd {cwd}; exec {name} -F -p /run/test.pid {args} "
                       "/etc/test.conf"),
            stderr=self.log, stdout=subprocess.DEVNULL)
        wait_for(lambda: "ready:" in self.text() or
                 self.process.poll() is not None, 20, "ready")
        assert self.process.poll() is None, self.text()

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def signal(self, name):
        self.house.run(f"kill -{name} $(cat /run/test.pid)")

    def stop(self):
        self.house.run("kill $(cat /run/test.pid)", check=False)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            print(self.text()[-5000:])
            self.house.run("pkill -x 'in.tftpd|talkd|rpc.rstatd|"
                           "waitsrv.py|tftpd'; true")


@pytest.fixture
def serve(house):
    running = []

    def start(conf, **options):
        running.append(Daemon(house, conf, **options))
        return running[-1]

    yield start
    for daemon in running:
        daemon.stop()
