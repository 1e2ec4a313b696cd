"""Debian's real servers with real clients behind superd: A0-A14."""

import contextlib
import socket
import re
import time

import pytest
from conftest import wait_for

FTP = "ftp stream tcp nowait root /usr/sbin/ftpd ftpd -l\n"
TFTP = ("tftp dgram udp wait root /usr/sbin/in.tftpd in.tftpd -s -t 2 "
        "/srv/tftp\n")


def test_a1_ftp(house, serve):
    serve(FTP)
    url = "ftp://127.0.0.1"
    login = "-sS -m 20 -u alice:wonderland"
    assert house.out(f"curl {login} {url}/hello.txt") == "hello\n"
    house.run(f"curl {login} -T /home/alice/data {url}/uploaded && "
              "cmp /home/alice/data /home/alice/uploaded")
    house.run(f"curl {login} -P - {url}/data -o /tmp/active && "
              "cmp /home/alice/data /tmp/active")
    done = house.run(f"curl -sS -m 20 -u alice:wrong {url}/", check=False)
    assert done.returncode == 67 and "530" in done.stderr


EXPECT = r"""
set timeout 20
spawn telnet 127.0.0.1
expect "ogin:" { send "alice\r" }
expect "assword:" { send "wonderland\r" }
expect "$ " { send "id -un; tty; exit\r" }
expect eof
"""


def test_a2_telnet_through_tcpd(house, serve):
    serve("telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/telnetd\n")
    house.write("/tmp/telnet.exp", EXPECT)
    text = house.out("expect /tmp/telnet.exp")
    assert re.search(r"^alice\r?$", text, re.M), text
    assert "/dev/pts/" in text


def test_a3_finger(house, serve):
    serve("finger stream tcp nowait nobody /usr/sbin/tcpd "
          "/usr/sbin/in.fingerd\n")
    assert "a fine plan" in house.out("finger alice@127.0.0.1")


def test_a4_ident_by_its_alias(house, serve):
    serve("ident stream tcp nowait nobody /usr/sbin/nullidentd nullidentd\n")
    text = house.out("printf '22, 1234\\r\\n' | nc -q 5 -w 5 127.0.0.1 113")
    assert text.strip() == "22, 1234 : USERID : UNIX : foobar"


def test_a5_tftp_and_its_lingering_server(house, serve):
    daemon = serve(TFTP, args="-l")
    get = "curl -sS -m 20 tftp://127.0.0.1/data -o /tmp/t"
    house.run(get + " && cmp /tmp/t /home/alice/data")
    house.run("cd /tmp; printf 'get data\\n' | tftp 127.0.0.1; "
              "cmp /tmp/data /home/alice/data")
    house.run("cp /home/alice/data /tmp/upload; cd /tmp; "
              "printf 'binary\\nput upload\\n' | tftp 127.0.0.1; "
              "cmp /tmp/upload /srv/tftp/upload")
    house.run(" & ".join(f"curl -sS -m 20 tftp://127.0.0.1/data -o /tmp/p{i}"
                         for i in range(4)) + " & wait; "
              "for i in 0 1 2 3; do cmp /tmp/p$i /home/alice/data; done")
    done = house.run("curl -sS -m 20 tftp://127.0.0.1/none", check=False)
    assert done.returncode == 68
    assert len(re.findall(r"start tftp/udp", daemon.text())) == 1
    # idle for two seconds it ends, and the next request starts a new one
    wait_for(lambda: "exit tftp/udp" in daemon.text(), 15)
    house.run(get + " && cmp /tmp/t /home/alice/data")
    assert len(re.findall(r"start tftp/udp", daemon.text())) == 2


def test_a6_rsync(house, serve):
    serve("rsync stream tcp nowait root /usr/bin/rsync rsync --daemon\n")
    assert "data" in house.out("rsync 127.0.0.1::")
    house.run("rsync 127.0.0.1::data/data /tmp/rsynced && "
              "cmp /tmp/rsynced /home/alice/data")


def test_a7_git_from_a_directory_that_nobody_can_read(house, serve):
    house.run("mkdir -p -m 700 /root/private")
    serve("git stream tcp nowait nobody /usr/bin/git git daemon --inetd "
          "--verbose --export-all --base-path=/srv/git\n",
          cwd="/root/private")
    house.run("rm -rf /tmp/clone; git clone -q git://127.0.0.1/repo.git "
              "/tmp/clone && grep -q content /tmp/clone/file")
    done = house.run("timeout 20 git clone -q git://127.0.0.1/none.git "
                     "/tmp/clone2", check=False)
    assert done.returncode == 128


def test_a8_ssh(house, serve):
    serve("ssh stream tcp nowait root /usr/sbin/sshd sshd -i\n")
    ssh = ("ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR "
           "-o ConnectTimeout=20 alice@127.0.0.1 ")
    assert house.out(ssh + "id -un") == "alice\n"
    words = house.out(ssh + "'echo $SSH_CONNECTION'").split()
    assert words[0] == words[2] == "127.0.0.1" and words[3] == "22"
    assert "/dev/pts/" in house.out(ssh.replace("ssh ", "ssh -tt ") + "tty")


def test_a9_http_as_user_and_group(house, serve):
    serve("www stream tcp nowait nobody:www-data /usr/sbin/tcpd "
          "/usr/sbin/micro-httpd /var/www/html\n")
    assert "page" in house.out("curl -sS -m 20 http://127.0.0.1/index.html")
    house.run("curl -sS -m 20 http://127.0.0.1/data -o /tmp/h && "
              "cmp /tmp/h /home/alice/data")
    assert house.out("curl -sS -m 20 -o /dev/null -w '%{http_code}' "
                     "http://127.0.0.1/none") == "404"


def test_a10_nrpe(house, serve):
    serve("5666 stream tcp nowait nagios /usr/sbin/nrpe nrpe "
          "-c /etc/nagios/nrpe.cfg --inetd\n")
    text = house.out("/usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 "
                     "-t 20", check=False)
    assert text.startswith("NRPE v4"), text


def test_a11_rpc(house, serve):
    serve("rstatd/1-5 dgram rpc/udp wait nobody /usr/sbin/tcpd "
          "/usr/sbin/rpc.rstatd\n")

    def versions():
        text = house.out("rpcinfo -p 127.0.0.1", check=False)
        return sorted(set(re.findall(r"100001 +(\d) +udp", text)))
    wait_for(lambda: versions() == list("12345"), 15)
    assert "up" in house.out("rup 127.0.0.1", timeout=30)


def test_a11_rpc_is_withdrawn(house, serve):
    daemon = serve("rstatd/1-5 dgram rpc/udp wait nobody "
                   "/usr/sbin/rpc.rstatd rpc.rstatd\n")
    wait_for(lambda: "rpc: " in daemon.text(), 15)
    house.write("/etc/test.conf", "# nothing\n")
    daemon.signal("HUP")
    wait_for(lambda: "100001" not in house.out("rpcinfo -p 127.0.0.1",
                                               check=False), 15)


TALK = r"""
import socket, struct
local = ("127.0.0.1", 40000)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(local)
s.settimeout(10)
addr = struct.pack("!HH4s8x", 2, local[1], socket.inet_aton(local[0]))
message = struct.pack("!BBBBI16s16si12s12s16s", 1, 1, 0, 0, 1, addr, addr, 1,
                      b"alice", b"alice", b"")
assert len(message) == 84
s.sendto(message, ("127.0.0.1", 518))
answer = s.recv(1000)
print(len(answer), answer[0], answer[1])
"""


def test_a12_talk_on_an_ipv4_socket(house, serve):
    serve("ntalk dgram udp4 wait root /usr/sbin/tcpd /usr/sbin/talkd\n")
    house.write("/tmp/talk.py", TALK)
    assert house.out("python3 /tmp/talk.py").split() == ["24", "1", "1"]


def test_a13_stream_wait_server(house, serve):
    daemon = serve("7004 stream tcp wait nobody /opt/waitsrv.py waitsrv.py "
                   "1\n", args="-l")
    ask = "nc -w 5 127.0.0.1 7004 </dev/null"
    lines = [house.out(ask).split() for _ in range(3)]
    assert len({line[1] for line in lines}) == 1
    assert [line[3] for line in lines] == ["1", "2", "3"]
    wait_for(lambda: "exit 7004/tcp" in daemon.text())
    assert house.out(ask).split()[1] != lines[0][1]


def test_a14_health_script(house, serve):
    serve("9200 stream tcp nowait nobody /opt/health.sh health.sh\n")
    text = house.out("curl -sS -m 20 -i http://127.0.0.1:9200")
    assert text.startswith("HTTP/1.1 200") and text.endswith("healthy\n")
    start = time.monotonic()
    codes = house.out("for i in $(seq 60); do curl -sS -m 20 -o /dev/null "
                      "-w '%{http_code} ' http://127.0.0.1:9200; done",
                      timeout=120)
    assert codes.split() == ["200"] * 60
    assert time.monotonic() - start < 30


@contextlib.contextmanager
def inside(house):
    """Sockets of this process made in the house's network."""
    import ctypes
    import os
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    theirs = os.open(f"/proc/{house.pid}/ns/net", os.O_RDONLY)
    assert libc.setns(theirs, 0x40000000) == 0
    try:
        yield
    finally:
        assert libc.setns(before, 0x40000000) == 0
        os.close(before)
        os.close(theirs)


def probe_internal():
    with socket.create_connection(("127.0.0.1", 7), 5) as s:
        s.sendall(b"abc")
        assert s.recv(10) == b"abc"
    for port in (7, 19):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.sendto(b"abc", ("127.0.0.1", port))
            assert s.recv(2000)
    with socket.create_connection(("127.0.0.1", 19), 5) as s:
        data = b""
        while len(data) < 148:
            data += s.recv(1000)
        assert data[:3] == b' !"' and data[74:77] == b'!"#'


@pytest.mark.parametrize("sample", ["inetd.conf.netprog", "inetd.conf.bits"])
def test_a0_sample_files_serve_all_their_services(house, serve, sample):
    """verbatim; the probes that the file has a line for"""
    text = house.out(f"cat /root/{sample}")
    house.run("rm -f /tmp/identd.args")
    serve(text)
    lines = [line.split() for line in text.splitlines()
             if line and line[0] not in "# \t"]
    names = {line[0] for line in lines}
    if "echo" in names and "chargen" in names:
        with inside(house):
            probe_internal()
    if "ftp" in names:
        assert house.out("curl -sS -m 20 -u alice:wonderland "
                         "ftp://127.0.0.1/hello.txt") == "hello\n"
    if "telnet" in names:
        house.write("/tmp/telnet.exp", EXPECT)
        assert "/dev/pts/" in house.out("expect /tmp/telnet.exp")
    if "finger" in names:
        assert "a fine plan" in house.out("finger alice@127.0.0.1")
    if names & {"auth", "ident"}:
        text = house.out("printf '22, 1234\\r\\n' | nc -q 5 -w 5 "
                         "127.0.0.1 113")
        assert "USERID" in text
        args = house.out("cat /tmp/identd.args").split()
        assert len(args) > 1        # those of the indented line
    if "tftp" in names:
        house.run("curl -sS -m 20 tftp://127.0.0.1/data -o /tmp/t0 && "
                  "cmp /tmp/t0 /home/alice/data")


def test_update_inetd_finds_and_wakes_superd(house):
    """Debian's own tool, with superd started under the name inetd"""
    house.run("ln -sf /usr/sbin/superd /usr/sbin/inetd; "
              "printf '#:INTERNAL:\\n#:OTHER:\\n' > /etc/inetd.conf; "
              "rm -f /run/inetd.pid; /usr/sbin/inetd")
    try:
        pid = house.out("cat /run/inetd.pid").strip()
        house.run("update-inetd --group OTHER --add 'daytime\\tstream\\ttcp"
                  "\\tnowait\\troot\\tinternal'")
        ask = "nc -w 5 127.0.0.1 13 </dev/null"
        wait_for(lambda: ":" in house.out(ask, check=False))
        house.run("update-inetd --disable daytime")
        wait_for(lambda: house.run(ask, check=False).returncode != 0)
        house.run("update-inetd --enable daytime")
        wait_for(lambda: ":" in house.out(ask, check=False))
        assert house.out("cat /run/inetd.pid").strip() == pid
    finally:
        house.run("kill $(cat /run/inetd.pid); rm -f /usr/sbin/inetd")
