"""How a daemon starts with good, odd and bad text."""

import subprocess

import pytest
from conftest import SLOW, SUPERD, State, probe, refused, tcp, udp

DAY = "stream tcp nowait root internal daytime"
PROBE = probe("probe")


@pytest.mark.parametrize("text", [
    f"# one\n\n20001 {DAY}\n   \n# two\n20002 {DAY}\n",
    f"20001\tstream \t tcp\tnowait  root\t\tinternal   daytime\n20002 {DAY}\n",
    f"20001 {DAY}\r\n# one\r\n\r\n20002 {DAY}\r\n",
    f"20001 {DAY}\n20002 {DAY}",
    f"\ufeff20001 {DAY}\n20002 {DAY}\n",
    f"20001 {DAY}\n#<off># 20003 {DAY}\n#:INTERNAL: services\n20002 {DAY}\n",
], ids=["comments", "tabs", "crlf", "no-newline", "bom", "update-inetd"])
def test_every_service_of_good_text_is_bound(superd, text):
    daemon = superd(text.encode())
    assert tcp(20001) and tcp(20002) and refused(20003)
    assert len(daemon.status()["services"]) == 2
    assert "error" not in daemon.log and "warning" not in daemon.log


def test_bytes_that_are_no_utf8_are_kept(superd):
    superd(b"# caf\xe9\n20001 stream tcp nowait root " + PROBE.encode() +
           b" probe caf\xe9\n")
    assert b"argv caf\xe9\n" in tcp(20001)


def test_hash_inside_an_argument_is_no_comment(superd):
    superd(f"20001 stream tcp nowait root {PROBE} probe foo#1 #2\n")
    assert State(tcp(20001)).argv == ["probe", "foo#1", "#2"]


def test_argument_of_64_kib_arrives_whole(superd):
    """no limit on the length of a line"""
    long = "x" * 65536
    superd(f"20001 stream tcp nowait root {PROBE} probe {long} end\n")
    assert State(tcp(20001)).argv == ["probe", long, "end"]


def test_thousand_arguments_arrive(superd):
    args = [f"a{i}" for i in range(1000)]
    superd(f"20001 stream tcp nowait root {PROBE} probe {' '.join(args)}\n")
    assert State(tcp(20001)).argv == ["probe", *args]


@pytest.mark.parametrize("bad", [
    "nosuchservice stream tcp nowait root /bin/cat cat",
    "20002 stream tpc nowait root /bin/cat cat",
    "20002 stream tcp nowait nosuchuser /bin/cat cat",
    "20002 dgram tcp wait root /bin/cat cat",
    "0 stream tcp nowait root /bin/cat cat",
    "65536 stream tcp nowait root /bin/cat cat",
    "20002 stream tcp",
    "20002 dgram udp nowait root /bin/cat cat",
    "20002 stream tcp nowait root relative/path cat",
], ids=lambda line: line.replace("/", "_")[:32])
def test_bad_line_is_told_and_the_others_are_served(superd, bad):
    """at start, what can be served is served"""
    daemon = superd(f"20001 {DAY}\n{bad}\n20003 {DAY}\n")
    assert tcp(20001) and tcp(20003) and refused(20002)
    assert f"{daemon.conf}:2:" in daemon.log and ": error: " in daemon.log
    assert udp(20002, timeout=0.05 * SLOW) is None


@pytest.mark.parametrize("bad", ["garbage\n", "20002 stream tcp\n",
                                 "20002 stream tcp nowait nosuchuser /x x\n"])
def test_strict_start_refuses(superd, bad):
    daemon = superd(f"20001 {DAY}\n{bad}", args=["--strict"], ready=False)
    daemon.ended(10, expect=1)
    assert f"{daemon.conf}:2:" in daemon.read_log()
    assert refused(20001)


def test_services_by_name_and_by_number_are_the_same(superd):
    daemon = superd("daytime stream tcp nowait root internal\n"
                    "13 stream tcp nowait root internal daytime\n")
    assert f"{daemon.conf}:2:1: error:" in daemon.log
    assert tcp(13)


def test_disabled_lines_never_clash(superd):
    """NetBSD's form: off is checked, but not started"""
    daemon = superd(f"20001 {DAY}\n"
                    "20001 off exec = /bin/cat, user = root;\n")
    assert tcp(20001) and "error" not in daemon.log


def test_key_value_definition_is_served(superd):
    superd("20001 on\n  socktype = stream,\n  # a comment\n"
           f"  exec = {PROBE},\n  args = probe \"a b\" 'c' \"\\x41\\t\",\n"
           "  user = nobody, group = daemon,\n  wait = no;\n"
           f"127.0.0.1:20002 on bind = 127.0.0.1, exec = {PROBE},\n"
           "  args = probe, user = root;\n")
    state = State(tcp(20001))
    assert state.argv == ["probe", "a b", "c", "A\t"]
    assert tcp(20002) and refused(20002, "::1")


def test_included_files_are_served(superd, tmp_path):
    (tmp_path / "a.inc").write_text(f"20002 {DAY}\n")
    (tmp_path / "b.inc").write_text(f"20003 {DAY}\n")
    daemon = superd(f"20001 {DAY}\n.include {tmp_path}/*.inc\n20004 {DAY}\n")
    for port in (20001, 20002, 20003, 20004):
        assert tcp(port)
    assert "error" not in daemon.log


def test_shell_like_quotes(superd):
    superd(f"20001 stream tcp nowait root {PROBE} probe "
           "a\"b c\"d 'e\"f' \"g'h\" \"\" ''\n")
    assert State(tcp(20001)).argv == ["probe", "ab cd", "e\"f", "g'h", "",
                                      ""]


def test_tcpd_line_gets_its_path_as_argv0(superd):
    """argv[0] is a path: what tcpd looks at"""
    superd(f"20001 stream tcp nowait nobody {PROBE} /usr/sbin/in.x -l\n")
    assert State(tcp(20001)).argv == ["/usr/sbin/in.x", "-l"]


OPENBSD = """\
# services of this host; define both IPv4 and IPv6 entries
#ftp\t\tstream\ttcp\tnowait\troot\t/usr/libexec/ftpd\tftpd -US
#ftp\t\tstream\ttcp6\tnowait\troot\t/usr/libexec/ftpd\tftpd -US
20001\t\tstream\ttcp\tnowait\troot\tinternal daytime
20001\t\tstream\ttcp6\tnowait\troot\tinternal daytime
20002\t\tdgram\tudp\twait\troot\tinternal daytime
20002\t\tdgram\tudp6\twait\troot\tinternal daytime
20003\t\tstream\ttcp6\tnowait\tnobody\t/bin/echo\techo x
20003\t\tstream\ttcp\tnowait\tnobody\t/bin/echo\techo x
"""


def test_lines_for_ipv4_and_ipv6_that_say_the_same_are_one_service(superd):
    """the stock file of OpenBSD has them, and is a good one"""
    daemon = superd(OPENBSD, args=["--strict"])
    assert "error" not in daemon.log and "warning" not in daemon.log
    assert "ready: 3 services" in daemon.log
    for host in ("127.0.0.1", "::1"):
        assert tcp(20001, host=host) and udp(20002, host=host)
        assert tcp(20003, host=host) == b"x\n"
    done = subprocess.run([SUPERD, "-t", "--strict", daemon.conf], text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    code, text = daemon.reload(OPENBSD.replace("tcp6", "tcp4"))
    assert code == 0 and "kept 3" in text, text


def test_missing_argv0_is_the_last_part_of_the_path(superd):
    """as it is in xinetd, and in the inetd of OpenBSD"""
    superd(f"20001 stream tcp nowait root {PROBE}\n")
    assert State(tcp(20001)).argv == ["probe"]


def test_program_without_a_slash_is_looked_up(superd):
    """in PATH, as busybox does it; the others are not served"""
    daemon = superd("20001 stream tcp nowait nobody echo echo one\n"
                    "20002 on exec = echo, args = echo two,\n"
                    "  user = nobody;\n"
                    "20003 stream tcp nowait nobody nosuchecho echo\n")
    assert tcp(20001) == b"one\n" and tcp(20002) == b"two\n"
    assert refused(20003)
    assert "warning: program echo was found as /" in daemon.log
    assert "error: program nosuchecho is not in /usr/local/sbin" in daemon.log
