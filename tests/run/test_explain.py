"""superctl explain: what texts say of a service, and where."""

import json
import os
import signal

import pytest
from conftest import SLOW, tcp, wait_for

TEXT = """\
defaults {
	instances = 50
	only_from = {127.0.0.1, 192.0.2.0/24}
}
service "day" {
	internal = daytime
	port = 20013
	instances = 7
	only_from += 198.51.100.1
}
"""


def explain(daemon, *args):
    status, text = daemon.ctl("--json", "explain", *args)
    assert status == 0, text
    return [tuple(one[key] for key in ("option", "value", "from", "line"))
            for one in json.loads(text)]


def test_values_of_the_entry_and_of_the_defaults(conf):
    daemon = conf(TEXT)
    told = explain(daemon, "day")
    assert set(told) >= {
        ("internal", "daytime", "entry", 6), ("port", "20013", "entry", 7),
        ("instances", "7", "entry", 8),
        ("only_from", "127.0.0.1, 192.0.2.0/24", "defaults", 3),
        ("only_from", "198.51.100.1", "entry", 9)}
    assert explain(daemon, "day.instances") == [
        ("instances", "7", "entry", 8)]
    one, = json.loads(daemon.ctl("--json", "explain", "day.port")[1])
    assert (one["file"], one["column"]) == (str(daemon.conf), 9)
    head, line = daemon.ctl("explain", "day.port")[1].splitlines()
    assert head.split() == ["OPTION", "VALUE", "FROM", "PLACE"]
    assert line.split() == ["port", "20013", "entry", f"{daemon.conf}:7:9"]


@pytest.mark.root
def test_members_of_a_box_come_from_its_set(superd):
    """but what is said one by one"""
    daemon = superd("""defaults { private_ipc = no }
service "one" { port = 20001 server = /bin/cat user = nobody
	box = service
	tmp_size = 1M
	box_fallback = yes }
""", file="superd.conf")
    told = explain(daemon, "one")
    assert set(told) >= {
        ("box", "service", "entry", 3), ("private_tmp", "yes", "box", 3),
        ("read_only", '{"/"}', "box", 3), ("tmp_size", "1M", "entry", 4),
        ("private_ipc", "no", "defaults", 1)}
    assert explain(daemon, "one.no_new_privs") == [
        ("no_new_privs", "yes", "box", 3)]


def test_files_are_read_as_they_are_now(conf):
    daemon = conf(TEXT)
    daemon.write(TEXT.replace("instances = 7", "instances = 8"))
    assert explain(daemon, "day.instances")[0][1] == "8"
    assert daemon.service("day")["limits"]["instances"] == 7
    daemon.ctl("set", "day", "instances=9")
    assert daemon.ctl("explain", "day")[1].startswith(
        "day: set by hand: instances=9\n")


@pytest.mark.parametrize("dialect", ["inetd", "xinetd"])
def test_other_files_are_explained_too(superd, xinetd, dialect):
    if dialect == "inetd":
        daemon = superd("\n20013 stream tcp nowait/5 root internal daytime\n")
        id, line = "20013/tcp", 2
    else:
        daemon = xinetd("defaults\n{\n instances = 9\n}\nservice day\n{\n"
                        " type = INTERNAL UNLISTED\n id = day\n"
                        " socket_type = stream\n protocol = tcp\n wait = no\n"
                        " port = 20013\n}\nservice daytime\n{\n"
                        " type = INTERNAL UNLISTED\n id = d\n port = 20014\n"
                        " socket_type = stream\n protocol = tcp\n"
                        " wait = no\n}\n")
        id, line = "d", 3
    told = explain(daemon, id)
    assert {one[3] for one in told} >= {line}, told
    if dialect == "xinetd":
        assert ("instances", "9", "defaults", 3) in told
        assert ("port", "20014", "entry", 18) in told


@pytest.mark.parametrize("args,status,text", [
    (("nothing",), 4, "no service nothing"),
    (("day.umask",), 4, "day.umask: no text says anything of it"),
    (("day.nosuch",), 4, "no service day.nosuch")])
def test_what_is_not_there_is_told(conf, args, status, text):
    daemon = conf(TEXT)
    code, answer = daemon.ctl("explain", *args)
    assert code == status and text in answer


def loading(daemon):
    return [pid for pid in daemon.child_pids()
            if "loading" in (open(f"/proc/{pid}/cmdline").read())]


def test_hung_file_system_makes_nobody_wait_but_who_asks(conf, tmp_path):
    """and is given up when that one leaves"""
    fifo = tmp_path / "more.conf"
    os.mkfifo(fifo)
    daemon = conf("load_timeout = 2\n" + TEXT)
    daemon.write(f'load_timeout = 2\ninclude = "{fifo}"\n' + TEXT)
    status, text = daemon.ctl("explain", "day")
    assert status in (0, 1, 4), text
    assert tcp(20013)
    wait_for(lambda: not loading(daemon), 10 * SLOW, what="no loader")
    daemon.write(TEXT)
    assert explain(daemon, "day.instances")


def test_loader_that_is_killed_is_told(conf, tmp_path):
    daemon = conf(TEXT)
    big = "".join(f'service "s{i}" {{ internal = daytime port = {30000 + i} '
                  'disable = yes }\n' for i in range(20000))
    daemon.write(big + TEXT)

    def strike():
        for pid in loading(daemon):
            os.kill(pid, signal.SIGKILL)
    from threading import Thread
    answer = []
    asking = Thread(target=lambda: answer.append(
        daemon.ctl("explain", "day")))
    asking.start()
    wait_for(lambda: strike() or answer, 60 * SLOW, what="an answer")
    asking.join()
    status, text = answer[0]
    assert status == 1 and "killed by signal 9" in text
    assert tcp(20013)
