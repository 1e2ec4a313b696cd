"""Clients denied by hand: superctl deny, allow, denied; and the state file."""

import json
import os
import signal
import time

import pytest
from conftest import SLOW, State, tcp, wait_for
from test_sensor import ONE, OURS, PEER, sensor

DAY = 'service "day" { internal = daytime port = 20013 }\n'
HELLO = ('service "hello" { server = /bin/echo server_args = {hello} '
         'user = root port = 20001 }\n')


def denied(daemon):
    return json.loads(daemon.ctl("--json", "denied")[1])


def served(port):
    return tcp(port, host=OURS) != b""


@pytest.mark.parametrize("client", [PEER, "192.0.2.0/25", "0.0.0.0/0"])
def test_denied_by_all_services_until_allowed(conf, veth, client):
    """by those of the internal process, too, and by one that is new"""
    daemon = conf(DAY + HELLO)
    with veth.peer():
        assert served(20013) and served(20001)
    assert daemon.ctl("deny", client) == (0, f"{client}: denied\n")
    with veth.peer():
        assert not served(20013) and not served(20001)
    assert tcp(20001) and tcp(20013)
    assert daemon.reload(DAY.replace('"day"', '"d"') + HELLO)[0] == 0
    with veth.peer():
        assert not served(20013) and not served(20001)
    assert denied(daemon) == [{"client": client, "left": None, "by": "hand"}]
    assert daemon.ctl("allow", client) == (0, f"{client}: allowed\n")
    with veth.peer():
        assert served(20013) and served(20001)
    assert not denied(daemon)
    daemon.wait_log(f"deny peer={client} time=forever by=hand$")
    daemon.wait_log(f"allow peer={client}$")


def test_denied_for_a_time(conf, veth):
    daemon = conf(DAY)
    assert daemon.ctl("deny", PEER, "--for", "1s")[0] == 0
    with veth.peer():
        assert not served(20013)
        wait_for(lambda: served(20013), 10 * SLOW, what="the end of it")
    assert not denied(daemon)


def test_what_a_sensor_denies_is_listed_and_allowed_by_hand(xinetd, veth):
    daemon = xinetd(sensor() + ONE)
    with veth.peer():
        assert tcp(20009, host=OURS) == b""
        assert tcp(20001, host=OURS) == b""
    wait_for(lambda: denied(daemon), what="it")
    one, = denied(daemon)
    assert one["client"] == PEER and one["by"] == "sensor"
    assert 3500 < one["left"] <= 3600
    head, line = daemon.ctl("denied")[1].splitlines()
    assert head.split() == ["CLIENT", "SECONDS", "BY"]
    assert line.split()[0::2] == [PEER, "sensor"]
    assert daemon.ctl("allow", PEER)[0] == 0
    with veth.peer():
        assert State(tcp(20001, host=OURS))


@pytest.mark.parametrize("args,status,text", [
    (("deny", "somebody"), 2, "somebody: expected an address or"),
    (("deny", "192.0.2.1/24"), 2, "without host bits"),
    (("deny", "127.0.0.1"), 1, "loopback addresses are never denied"),
    (("deny", "::1"), 1, "loopback addresses are never denied"),
    (("deny", PEER, "--for", "0"), 2, "--for 0: expected a time"),
    (("deny", PEER, "--for", "soon"), 2, "--for soon: expected a time"),
    (("allow", PEER), 4, f"{PEER} is not denied"),
    (("denied", PEER), 2, "expected nothing after denied")])
def test_what_cannot_be_says_what_was_expected(conf, args, status, text):
    daemon = conf(DAY)
    code, answer = daemon.ctl(*args)
    assert code == status and text in answer
    assert not denied(daemon)


# Over a restart.

@pytest.fixture
def place(tmp_path):
    return tmp_path / "denied"


def text_of(place):
    return place.read_text() if place.exists() else ""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_denials_survive_a_restart(conf, veth, place, end):
    where = f'state_file = "{place}"\n'
    daemon = conf(where + DAY)
    daemon.ctl("deny", PEER, "--for", "1h")
    daemon.ctl("deny", "2001:db8::/32")
    if end == signal.SIGKILL:
        wait_for(lambda: "2001:db8::/32 forever hand\n" in text_of(place),
                 10 * SLOW, what="the file")
    daemon.signal(end)
    daemon.ended(expect=-end if end == signal.SIGKILL else 0)
    wait_for(lambda: "2001:db8::/32 forever hand\n" in text_of(place),
             10 * SLOW, what="the file")
    daemon = conf(where + DAY)
    first, second = denied(daemon)
    assert first["client"] == PEER and 3500 < first["left"] <= 3601
    assert second == {"client": "2001:db8::/32", "left": None, "by": "hand"}
    with veth.peer():
        assert not served(20013)
    daemon.ctl("allow", PEER)
    wait_for(lambda: PEER not in text_of(place), 10 * SLOW, what="its end")


def test_time_goes_on_while_superd_does_not_run(conf, place):
    now = int(time.time())
    place.write_text(f"192.0.2.7 {now - 5} sensor\n192.0.2.8 {now + 90} "
                     "sensor\n")
    place.chmod(0o600)
    daemon = conf(f'state_file = "{place}"\n' + DAY)
    one, = denied(daemon)
    assert one["client"] == "192.0.2.8" and 60 < one["left"] <= 91
    assert one["by"] == "sensor"


def test_state_directory_of_systemd_is_where_it_is(superd, tmp_path):
    directory = tmp_path / "state"
    directory.mkdir()
    daemon = superd("20013 stream tcp nowait root internal daytime\n",
                    env=os.environ | {"STATE_DIRECTORY":
                                      f"{directory}:/nowhere"})
    daemon.ctl("deny", PEER)
    wait_for(lambda: PEER in text_of(directory / "denied"), 10 * SLOW,
             what="the file")


@pytest.mark.parametrize("spoil", [
    lambda place: place.chmod(0o622),
    lambda place: os.chown(place, 1234, 0),
    lambda place: (place.unlink(), place.mkdir())])
def test_file_that_others_may_write_is_not_read(conf, place, spoil):
    place.write_text("192.0.2.8 forever hand\n")
    place.chmod(0o600)
    spoil(place)
    daemon = conf(f'state_file = "{place}"\n' + DAY)
    assert not denied(daemon)
    daemon.wait_log("state: .*denied: expected a file that only superd may")


@pytest.mark.parametrize("line", [
    "nonsense", "192.0.2.8", "192.0.2.8 soon hand", "127.0.0.1 forever hand",
    "192.0.2.8/24 forever hand", "192.0.2.8 99999999999999999999 hand",
    "x" * 400, "\0", " "])
def test_line_that_is_none_is_told_and_those_before_it_are_kept(
        conf, place, line):
    place.write_text("192.0.2.9 forever hand\n" + line + "\n")
    place.chmod(0o600)
    daemon = conf(f'state_file = "{place}"\n' + DAY)
    assert [one["client"] for one in denied(daemon)] == ["192.0.2.9"]
    daemon.wait_log("state: .*denied:2: expected CLIENT TIME BY$")


def test_place_that_cannot_be_written_is_told(conf, tmp_path):
    daemon = conf(f'state_file = "{tmp_path}/no/denied"\n' + DAY)
    daemon.ctl("deny", PEER)
    daemon.wait_log("state: cannot write .*: No such file or directory",
                    10 * SLOW)
    assert daemon.ctl("deny", "192.0.2.0/24")[0] == 0
