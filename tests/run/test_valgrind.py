"""One pass over everything, short: run under valgrind by make valgrind."""

from conftest import connect, probe, tcp, udp, wait_for

CONF = (f"20001 stream tcp nowait nobody {probe('probe')} probe\n"
        f"20002 stream tcp wait nobody {probe('acc')} acc\n"
        f"20003 dgram udp wait nobody {probe('once')} once\n"
        "20007 stream tcp nowait root internal echo\n"
        "20007 dgram udp wait root internal echo\n"
        "20013 stream tcp nowait root internal daytime\n"
        "20014 stream tcp nowait root internal tcpmux\n"
        "tcpmux/cat stream tcp nowait nobody /bin/cat cat\n")


def test_everything_once(superd, tmp_path):
    daemon = superd(CONF, args=["-l"])
    for _ in range(2):
        assert tcp(20001) and tcp(20002, b"x") and udp(20003)
        assert tcp(20007, b"abc") == b"abc" and udp(20007, b"x") == b"x"
        assert tcp(20013) and tcp(20014, b"cat\r\nabc") == b"abc"
        assert tcp(20014, b"HELP\r\n")
        wait_for(lambda: daemon.status()["children"] == 0, 10)
        assert daemon.reload(CONF.replace("20013", "20015"))[0] == 0
        assert daemon.reload(CONF + "bad\n")[0] == 1
        assert daemon.reload(CONF)[0] == 0
    with connect(20007) as s:
        s.send(b"x")
        assert s.recv(1)
    daemon.stop()
    assert "ERROR" not in daemon.log and "lost" not in daemon.log
