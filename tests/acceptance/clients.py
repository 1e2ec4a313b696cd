"""What real clients ask of each server, and what they must be told.

Each function takes the house and the daemon, and raises if something is
wrong.  None writes a file of a name that another one uses: they may all run
at the same time.
"""

import re
import socket
import struct
import time

from house import wait_for

CURL = "curl -sS -m 20"
FTP = f"{CURL} -u alice:wonderland"
SAMPLE = "/home/alice/data"             # 300,000 octets
PAUSE = 15                              # longer than any server lingers


def same(house, path, other=SAMPLE):
    house.run(f"cmp {path} {other}")


def ftp(house, _daemon):
    """download, upload, active mode, a wrong password"""
    url = "ftp://127.0.0.1"
    assert house.out(f"{FTP} {url}/hello.txt") == "hello\n"
    house.run(f"{FTP} -T {SAMPLE} {url}/uploaded")
    same(house, "/home/alice/uploaded")
    house.run(f"{FTP} -P - {url}/data -o /tmp/ftp.active")
    same(house, "/tmp/ftp.active")
    done = house.run(f"{CURL} -u alice:wrong {url}/", check=False)
    assert done.returncode == 67 and "530" in done.stderr


LOGIN = r"""
set timeout 20
proc await {pattern} {
    expect -re $pattern {} timeout { exit 8 } eof { exit 9 }
}
spawn telnet 127.0.0.1
await "ogin:"
send "alice\r"
await "assword:"
send "wonderland\r"
await "\\$ "
send "id -un; tty\r"
await "alice\r+\n/dev/pts/\[0-9]+\r+\n"
send "exit\r"
expect eof {} timeout { exit 8 }
"""


def telnet(house, _daemon):
    """a login, on a terminal of its own"""
    house.write("/tmp/telnet.exp", LOGIN)
    house.run("expect /tmp/telnet.exp")


def finger(house, _daemon):
    assert "a fine plan" in house.out("finger alice@127.0.0.1")


def ident(house, _daemon):
    text = house.out("printf '22, 1234\\r\\n' | nc -N -w 5 127.0.0.1 113")
    assert text.strip() == "22, 1234 : USERID : UNIX : foobar"


def tftp_get(house, name="tftp.get"):
    house.run(f"{CURL} tftp://127.0.0.1/data -o /tmp/{name}")
    same(house, f"/tmp/{name}")


def tftp(house, daemon):
    """get, put, four at once, none such; one server lingers for them all"""
    tftp_get(house)
    first = daemon.waiters("in.tftpd")
    assert len(first) == 1
    house.run("mkdir -p /tmp/tftp; cd /tmp/tftp; "
              "printf 'binary\\nget data\\n' | tftp 127.0.0.1")
    same(house, "/tmp/tftp/data")
    house.run(f"cp {SAMPLE} /tmp/tftp/upload; cd /tmp/tftp; "
              "printf 'binary\\nput upload\\n' | tftp 127.0.0.1")
    same(house, "/srv/tftp/upload")
    house.run(" & ".join(f"{CURL} tftp://127.0.0.1/data -o /tmp/tftp.{i}"
                         for i in range(4)) + " & wait")
    for i in range(4):
        same(house, f"/tmp/tftp.{i}")
    done = house.run(f"{CURL} tftp://127.0.0.1/none", check=False)
    assert done.returncode == 68        # curl's word for error 1, not found
    assert daemon.waiters("in.tftpd") == first
    # two seconds without a request, and the next one finds a new server
    wait_for(lambda: not daemon.waiters("in.tftpd"), PAUSE, "an idle exit")
    tftp_get(house)
    assert len(daemon.waiters("in.tftpd")) == 1
    assert daemon.waiters("in.tftpd") != first


def atftp(house, daemon):
    """get, none such; the server lingers, ends, and comes again"""
    tftp_get(house, "atftp.get")
    first = daemon.waiters("atftpd")
    assert len(first) == 1
    tftp_get(house, "atftp.get")
    assert daemon.waiters("atftpd") == first
    done = house.run(f"{CURL} tftp://127.0.0.1/none", check=False)
    assert done.returncode == 68
    wait_for(lambda: not daemon.waiters("atftpd"), PAUSE, "an idle exit")
    tftp_get(house, "atftp.get")


def rsync(house, _daemon):
    assert "data" in house.out("rsync 127.0.0.1::")
    house.run("rsync 127.0.0.1::data/data /tmp/rsynced")
    same(house, "/tmp/rsynced")


def git(house, _daemon):
    """a clone; of no repository, an error and no hang"""
    house.run("rm -rf /tmp/clone && timeout 20 git clone -q "
              "git://127.0.0.1/repo.git /tmp/clone && "
              "grep -qx content /tmp/clone/file")
    done = house.run("timeout 20 git clone -q git://127.0.0.1/none.git "
                     "/tmp/clone.none", check=False)
    assert done.returncode == 128       # timeout(1) would say 124


def ssh(house, _daemon):
    """a command, a terminal, and who talks to whom"""
    command = ("ssh %s -o StrictHostKeyChecking=no -o LogLevel=ERROR "
               "-o ConnectTimeout=20 alice@127.0.0.1 %s")
    assert house.out(command % ("-T", "id -un")) == "alice\n"
    assert house.out(command % ("-tt", "tty")).startswith("/dev/pts/")
    words = house.out(command % ("-T", "'echo $SSH_CONNECTION'")).split()
    assert [words[0], words[2], words[3]] == ["127.0.0.1", "127.0.0.1", "22"]


def http(house, _daemon):
    url = "http://127.0.0.1"
    assert house.out(f"{CURL} {url}/index.html") == "<h1>page</h1>\n"
    house.run(f"{CURL} {url}/data -o /tmp/http.data")
    same(house, "/tmp/http.data")
    status = house.out(f"{CURL} -o /dev/null -w '%{{http_code}}' {url}/none")
    assert status == "404"


def nrpe(house, _daemon):
    text = house.out("/usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 -t 20")
    assert text == "NRPE v4.1.0\n"


def rpc_versions(house):
    text = house.out("rpcinfo -p 127.0.0.1", check=False)
    return sorted(set(re.findall(r"100001 +(\d) +udp", text)))


def rstat(house, _daemon):
    """all versions are registered, and it answers"""
    wait_for(lambda: rpc_versions(house) == list("12345"), 20, "rstatd")
    done = house.run("rup 127.0.0.1", timeout=30)
    assert re.search(r" up .* load ", done.stdout), done.stderr


def talk(house, _daemon):
    """an 84-octet LOOK_UP, the 24-octet answer of version 1 and type 1"""
    with house.inside(), socket.socket(socket.AF_INET,
                                       socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(20)
        us = struct.pack("!HH4s8x", socket.AF_INET, s.getsockname()[1],
                         socket.inet_aton("127.0.0.1"))
        request = struct.pack("!BBBBI16s16si12s12s16s", 1, 1, 0, 0, 1, us, us,
                              1, b"alice", b"alice", b"")
        assert len(request) == 84
        s.sendto(request, ("127.0.0.1", 518))
        answer = s.recv(1000)
    assert (len(answer), answer[0], answer[1]) == (24, 1, 1)


def wait_stream(house, daemon):
    """one process accepts all; idle for a second, the next is another"""
    def ask():
        with house.inside(), socket.create_connection(
                ("127.0.0.1", 7004), 20) as s:
            return [int(word) for word in s.recv(100).split()]
    lines = [ask() for _ in range(3)]
    assert lines == [[lines[0][0], i] for i in (1, 2, 3)]
    wait_for(lambda: not daemon.waiters("waitsrv.py"), PAUSE, "an idle exit")
    pid, number = ask()
    assert pid != lines[0][0] and number == 1


def health(house, _daemon):
    """200 and a body; sixty checks in a row trip no limit"""
    url = "http://127.0.0.1:9200"
    text = house.out(f"{CURL} -i {url}")
    assert text.startswith("HTTP/1.1 200 ") and text.endswith("healthy\n")
    start = time.monotonic()
    codes = house.out(f"for i in $(seq 60); do {CURL} -o /dev/null "
                      f"-w '%{{http_code}} ' {url}; done", timeout=120)
    assert codes.split() == ["200"] * 60
    assert time.monotonic() - start < 30
