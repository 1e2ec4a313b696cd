"""What the check says about each kind of bad line."""

import subprocess

import pytest
from conftest import SUPERD

CASES = [
    ("nosuchservice stream tcp nowait root /bin/cat cat",
     "1:1: error: unknown service nosuchservice/tcp"),
    ("20001 stream tpc nowait root /bin/cat cat",
     "1:14: error: unknown protocol tpc, did you mean tcp?"),
    ("20001 strem tcp nowait root /bin/cat cat",
     "1:7: error: unknown socket type strem, did you mean stream?"),
    ("20001 stream tcp nowait nosuchuser /bin/cat cat",
     "1:25: error: unknown user nosuchuser"),
    ("20001 stream tcp nowait root:nosuchgroup /bin/cat cat",
     "1:25: error: unknown group nosuchgroup"),
    ("20001 stream udp nowait root /bin/cat cat",
     "1:7: error: socket type stream does not go with protocol udp"),
    ("20001 dgram tcp wait root /bin/cat cat",
     "1:7: error: socket type dgram does not go with protocol tcp"),
    ("20001 dgram udp nowait root /bin/cat cat",
     "1:17: error: nowait does not go with socket type dgram"),
    ("0 stream tcp nowait root /bin/cat cat",
     "1:1: error: port 0 is out of range"),
    ("65536 stream tcp nowait root /bin/cat cat",
     "1:1: error: port 65536 is out of range"),
    ("20001 stream tcp nowait",
     '1:1: error: too few fields: expected user after "nowait"'),
    ("20001 stream tcp sometimes root /bin/cat cat",
     "1:18: error: sometimes: expected wait or nowait"),
    ("20001 stream tcp nowait.x root /bin/cat cat", "1:18: error: nowait.x"),
    ("20001 stream tcp waitxyz root /bin/cat cat", "1:18: error: waitxyz"),
    ("20001 stream tcp nowait root cat cat",
     "1:30: warning: program cat was found as /"),
    ("20001 on exec = cat, user = root;",
     "1:17: warning: program cat was found as /"),
    ("20001 stream tcp nowait root nosuchcat cat",
     "1:30: error: program nosuchcat is not in /usr/local/sbin:"),
    ("20001 stream tcp nowait root ./cat cat",
     "1:30: error: program ./cat: expected an absolute path, since superd "
     "leaves the directory"),
    ("20001 stream tcp nowait root bin/cat cat",
     "1:30: error: program bin/cat: expected an absolute path, since"),
    ("20001 stream tcp nowait root /bin/cat cat # says it all",
     "1:43: warning: comments need a line of their own: # and"),
    ("20001 stream tcp nowait root internal echo #x",
     "1:44: warning: comments need a line of their own: #x and"),
    ("20001 stream tcp nowait root /bin/nosuch cat",
     "1:30: warning: program /bin/nosuch: No such file"),
    ("20001 stream tcp nowait root /etc cat",
     "1:30: warning: program /etc is a directory"),
    ("20001 stream tcp nowait root /etc/passwd cat",
     "1:30: warning: program /etc/passwd is not executable"),
    ("20001 stream tcp nowait root internal finger",
     "1:30: error: no internal service finger"),
    ("20001 stream tcp nowait root /bin/cat",
     "1:30: warning: argv[0] is missing: using cat"),
    ("20001 stream tcp nowait root /bin/cat 'open",
     "1:39: error: this quote is not closed"),
    ("   20001 stream tcp nowait root /bin/cat cat",
     "1:4: error: this line is indented"),
    ("20001 stream tcp,frob=1 nowait root /bin/cat cat",
     "1:14: error: tcp,frob=1: unknown protocol option"),
    ("20001 stream,x tcp nowait root /bin/cat cat",
     "1:7: error: stream,x: expected a number of children"),
    ("20001 stream tcp nowait root/class /bin/cat cat",
     "1:25: warning: login class class has no effect"),
    ("192.0.2.1:20001 stream tcp6 nowait root /bin/cat cat",
     "1:1: error: address 192.0.2.1 is not of the family"),
    ("no.such.host.invalid:20001 stream tcp nowait root /bin/cat cat",
     "1:1: error: cannot resolve host no.such.host.invalid"),
    ("#@ ipsec policy", "1:1: error: IPsec policies are not supported"),
    (".include /none", "1:10: error: cannot include /none"),
    ("relative stream unix nowait root /bin/cat cat",
     "1:1: error: listen relative: expected an absolute path, or @NAME"),
    ("rstatd dgram rpc/udp wait root /bin/cat cat",
     "1:1: error: rstatd: expected NAME/VERSIONS"),
    ("tcpmux/x stream tcp wait root /bin/cat cat",
     "1:21: error: a tcpmux service needs nowait"),
    ("tcpmux/x stream tcp nowait root /bin/cat cat",
     "1:1: warning: tcpmux/x cannot be reached"),
    ("20001 on exec = /bin/cat, user = root, frob = 1;",
     "1:40: error: unknown key frob"),
    ("20001 on exec = /bin/cat, user = root",
     "error: missing \";\" at the end"),
    ("20001 on exec = /bin/cat;", "1:1: error: user is missing"),
    ("20001 on exec = /bin/cat, user = root, wait = maybe;",
     "error: wait maybe: expected yes or no"),
]


def check(tmp_path, text, *args):
    conf = tmp_path / "inetd.conf"
    if isinstance(text, bytes):
        conf.write_bytes(text)
    else:
        conf.write_text(text)
    done = subprocess.run([SUPERD, "-t", *args, conf], capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stderr.replace(str(conf) + ":", "")


@pytest.mark.parametrize("line,message", CASES,
                         ids=[message[:40] for _, message in CASES])
def test_bad_line_is_reported_at_its_place(tmp_path, line, message):
    code, text = check(tmp_path, line + "\n")
    assert message in text, text
    assert code == (1 if " error: " in text else 0)


def test_every_problem_is_reported_not_the_first_only(tmp_path):
    text = "".join(line + "\n" for line, _ in CASES[:10])
    code, out = check(tmp_path, text)
    assert code == 1
    for number in range(1, 11):
        assert f"{number}:" in out, out


@pytest.mark.parametrize("data", [
    b"20001 stream tcp nowait root /bin/cat cat " + b"x" * 65536 + b"\n",
    b"20001 stream tcp nowait root /bin/cat cat\r\n",
    b"20001 stream tcp nowait root /bin/cat cat",
    b"\xef\xbb\xbf20001 stream tcp nowait root /bin/cat cat\n",
    b"20001\tstream\ttcp\tnowait\troot\t/bin/cat\tcat\n\n  \n# x\n",
])
def test_unusual_but_good_text(tmp_path, data):
    """long lines, CRLF, no newline at the end, BOM, tabs"""
    code, text = check(tmp_path, data)
    assert code == 0 and "1 service, 0 errors, 0 warnings" in text


def test_nul_byte_is_refused_with_its_line(tmp_path):
    code, text = check(tmp_path, b"# one\n20001 stream\0tcp\n")
    assert code == 1 and "2:13: error: NUL byte" in text


def test_ten_thousand_lines_are_checked_in_no_time(tmp_path):
    import time
    lines = "".join(f"127.0.{i // 250}.{i % 250 + 1}:20001 stream tcp nowait "
                    "root /bin/cat cat\n" for i in range(10000))
    start = time.monotonic()
    code, text = check(tmp_path, lines)
    assert code == 0 and "10000 services" in text
    assert time.monotonic() - start < 5


def test_netbsd_definition(tmp_path):
    code, text = check(tmp_path, "20001 on\n  socktype = stream, # comment\n"
                       "  exec = /bin/cat,\n  args = cat \"a b\" 'c',\n"
                       "  user = root, group = root,\n  wait = no,\n"
                       "  accept_max = 3, service_max = 60, ip_max = 5;\n"
                       "20002 off exec = /bin/cat, user = root;\n", "-T")
    assert code == 0, text
    assert "1 service, 0 errors" in text


def test_include_follows_globs_and_stops_at_loops(tmp_path):
    (tmp_path / "x1").write_text("20001 stream tcp nowait root internal echo\n")
    (tmp_path / "x2").write_text("20002 stream tcp nowait root internal echo\n")
    code, text = check(tmp_path, f".include {tmp_path}/x*\n")
    assert code == 0 and "2 services" in text
    code, text = check(tmp_path, f".include {tmp_path}/inetd.conf\n")
    assert code == 1 and "include loop: " in text
