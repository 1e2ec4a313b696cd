"""Fixtures: the furnished house, and daemons started in it.

ACCEPT_ROOT is the private root that prepare.sh has made.  ACCEPT_DAEMON is
superd, or a peer to compare it with: openbsd, inetutils or xinetd.  What a
peer is known to do otherwise is an expected failure there.
"""

import subprocess

import pytest
from daemon import Daemon
from house import House, wait_for, why_not

# Accounts, files and keys that the servers serve.
FURNISH = r"""
set -e
printf '127.0.0.1 localhost house\n::1 localhost\n' > /etc/hosts
: > /etc/resolv.conf
useradd -m -s /bin/sh alice
echo alice:wonderland | chpasswd
echo 'a fine plan' > /home/alice/.plan
head -c 300000 /dev/urandom > /home/alice/data
echo hello > /home/alice/hello.txt
chmod 755 /home/alice
mkdir -p /srv/tftp /srv/git /srv/rsync /tftpboot /var/www/html
for folder in /srv/tftp /srv/rsync /tftpboot /var/www/html; do
    cp /home/alice/data $folder/
done
touch /srv/tftp/upload
chmod 755 /srv/tftp /tftpboot
chmod 666 /srv/tftp/upload
echo '<h1>page</h1>' > /var/www/html/index.html
printf '[data]\npath = /srv/rsync\nuid = nobody\n' > /etc/rsyncd.conf
sed -i 's/^allowed_hosts=.*/allowed_hosts=127.0.0.1/' /etc/nagios/nrpe.cfg
mkdir -p -m 700 /root/.ssh /home/alice/.ssh /root/private
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /home/alice/.ssh/authorized_keys
chown -R alice: /home/alice
ssh-keygen -A >/dev/null
git init -q --bare /srv/git/repo.git
git init -q /tmp/work
cd /tmp/work
echo content > file
git add file
git -c user.name=alice -c user.email=alice@house commit -qm one
git push -q /srv/git/repo.git HEAD:master
chown -R nobody /srv/git
# what the packages made of it, and the names that the samples use
cp /etc/inetd.conf /root/inetd.conf.debian
ln -s in.fingerd /usr/sbin/fingerd
ln -s in.tftpd /usr/sbin/tftpd
"""

# nullidentd refuses arguments: they are noted, and not passed on
IDENTD = """#!/bin/sh
echo "$*" >> /tmp/identd.args
exec /usr/sbin/nullidentd
"""

HEALTH = r"""#!/bin/bash
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
printf 'Connection: close\r\nContent-Length: 8\r\n\r\nhealthy\n'
"""

WAITSRV = """#!/usr/bin/python3
import os, select, socket, sys
listener = socket.socket(fileno=0)
n = 0
while select.select([listener], [], [], float(sys.argv[1]))[0]:
    connection, _ = listener.accept()
    n += 1
    connection.sendall(b"%d %d" % (os.getpid(), n))
    connection.close()
"""


@pytest.fixture(scope="session")
def house():
    reason = why_not()
    if reason:
        pytest.skip(reason)
    house = House()
    try:
        done = house.run("superd -V", check=False)
        if done.returncode != 0:
            pytest.skip(f"superd does not run in there: {done.stderr}")
        house.write("/root/furnish", FURNISH)
        house.run("sh /root/furnish", timeout=120)
        house.write("/usr/sbin/in.identd", IDENTD, "755")
        house.write("/opt/health.sh", HEALTH, "755")
        house.write("/opt/waitsrv.py", WAITSRV, "755")
        house.write("/tmp/identd.args", "", "666")
        rpcbind = house.start("exec rpcbind -f -w", stderr=subprocess.DEVNULL)
        wait_for(lambda: house.bound("udp/111"), 20, "rpcbind")
        yield house
        rpcbind.kill()
        rpcbind.wait()
    finally:
        house.close()


@pytest.fixture
def serve(house):
    """serve(dialect, text, ports): a daemon that is ready"""
    running = []

    def start(*args, **options):
        running.append(Daemon(house, *args, **options))
        return running[-1]

    yield start
    for daemon in running:
        daemon.stop()
