"""superctl why: what a client would meet, and does."""

import json

import pytest
from conftest import connect, probe, refused, tcp, wait_for

HOLD = (f'service "hold" {{ server = {probe("hold")} user = root '
        'port = 20001 %s }\n')
DAY = 'service "day" { internal = daytime port = 20013 %s }\n'


def why(daemon, *args):
    status, text = daemon.ctl("--json", "why", *args)
    answer = json.loads(text)
    assert status == (0 if answer["served"] else 3)
    return answer


def rule(answer, name):
    found, = [one for one in answer["rules"] if one["rule"] == name]
    return found["passed"], found["detail"]


@pytest.mark.parametrize("options,host,passed,detail", [
    ("", "192.0.2.1", "yes", "no rule"),
    ("only_from = {192.0.2.0/24, 10.0.0.1}", "192.0.2.1", "yes",
     "only_from 192.0.2.0/24"),
    ("only_from = {192.0.2.0/24}", "192.0.3.1", "no", "not in only_from"),
    ("no_access = {192.0.2.0/24}", "192.0.3.1", "yes", "not in no_access"),
    ("only_from = {192.0.2.0/24} no_access = 192.0.2.1", "192.0.2.1", "no",
     "no_access 192.0.2.1"),
    ("only_from = \"2001:db8::/32\"", "2001:db8::1", "yes",
     "only_from 2001:db8::/32"),
    ("only_from = {192.0.2.0/24}", "::ffff:192.0.2.1", "yes",
     "only_from 192.0.2.0/24")])
def test_rule_of_addresses_that_decides(conf, options, host, passed, detail):
    daemon = conf(DAY % options)
    answer = why(daemon, "day", host)
    assert rule(answer, "access") == (passed, detail)
    assert answer["next"] == ["served" if passed == "yes" else "access"] * 10
    assert answer["file"] == str(daemon.conf) and answer["line"] == 1


@pytest.mark.parametrize("options,expected", [
    ("per_source = 3", ["served"] * 3 + ["per_source"] * 7),
    ("instances = 4 per_source = unlimited", ["served"] * 4 + ["instances"] * 6),
    ("instances = 4 per_source = unlimited excess = refuse",
     ["served"] * 4 + ["instances"] * 6),
    ("instances = 4", ["served"] * 3 + ["share"] * 7),
    ("source_rate = 2/h", ["served"] * 2 + ["source_rate"] * 8),
    ("rate = 5/h", ["served"] * 5 + ["rate"] * 5),
    ("per_source = 5 source_rate = 7/h", ["served"] * 5 +
     ["per_source"] * 5)])
def test_next_connections_meet_what_is_foretold(conf, options, expected):
    """and asking changes nothing of it"""
    daemon = conf(HOLD % options)
    for _ in range(3):
        assert why(daemon, "hold", "127.0.0.1")["next"] == expected
    good = expected.count("served")
    clients = []
    try:
        for _ in range(good):
            clients.append(connect(20001))
            assert clients[-1].recv(100)
        wait_for(lambda: daemon.service("hold")["children"], what="them")
        answer = why(daemon, "hold", "127.0.0.1")
        assert answer["next"] == expected[good:good + 1] * 10
        assert why(daemon, "hold", "127.0.0.2")["served"] == (
            expected[good] in ("per_source", "source_rate", "share"))
    finally:
        for client in clients:
            client.close()


def test_counts_are_told(conf):
    daemon = conf(HOLD % "per_source = 3 instances = 9 rate = 100/m")
    with connect(20001) as client:
        client.recv(100)
        answer = why(daemon, "hold", "127.0.0.1")
        assert rule(answer, "per_source") == ("yes", "1 of 3")
        assert rule(answer, "instances") == ("yes", "1 of 9")
        assert rule(answer, "rate") == ("yes", "100 in 60 s")
        assert answer["next"] == ["served"] * 2 + ["per_source"] * 8


def test_hours_are_those_that_are_asked_about(conf):
    daemon = conf(DAY % "access_times = {8:00-12:00, 13:00-17:30}")
    for at, good in ("8:00", True), ("12:30", False), ("17:30", True):
        answer = why(daemon, "day", "192.0.2.1", "--at", at)
        assert answer["served"] == good
        assert rule(answer, "access_times") == (
            "yes" if good else "no", f"{at} in 08:00-12:00 13:00-17:30"), at
        assert answer["next"][0] == ("served" if good else "time")


def test_days_are_those_that_are_asked_about(conf):
    daemon = conf(DAY % 'access_times = {"Mon-Fri 22:00-6:00"}')
    for at, good in (("Mon,5:00", False), ("tue,5:00", True),
                     ("Sat,5:00", True), ("Sun,23:00", False)):
        answer = why(daemon, "day", "192.0.2.1", "--at", at)
        assert rule(answer, "access_times") == (
            "yes" if good else "no",
            f"{at.capitalize().replace(',', ' ')} in Mon-Fri 22:00-06:00"), at


def test_denied_and_closed_and_what_is_asked_later(conf):
    daemon = conf(DAY % "" + HOLD % "only_from = .example.org")
    daemon.ctl("deny", "192.0.2.0/24", "--for", "1h")
    answer = why(daemon, "day", "192.0.2.9")
    assert answer["next"][0] == "sensor"
    passed, detail = rule(answer, "denied")
    assert passed == "no" and detail.startswith("192.0.2.0/24 by hand for 3")
    answer = why(daemon, "hold", "192.0.3.9")
    assert rule(answer, "access") == ("asked", "by the host's name")
    daemon.ctl("stop", "day")
    answer = why(daemon, "day", "192.0.3.9")
    assert answer["next"] == ["stopped"] * 10
    assert rule(answer, "state") == ("no", "stopped")
    assert refused(20013)


def test_people_are_told_the_same(conf):
    daemon = conf(DAY % "only_from = 127.0.0.1")
    status, text = daemon.ctl("why", "day", "127.0.0.1")
    assert status == 0
    lines = text.splitlines()
    assert lines[0] == f"day 127.0.0.1: served, {daemon.conf}:1"
    assert "access        + only_from 127.0.0.1" in lines
    assert lines[-1] == "next          10 served"
    status, text = daemon.ctl("why", "day", "192.0.2.1")
    assert status == 3
    assert text.splitlines()[0].startswith("day 192.0.2.1: not served: access")
    assert tcp(20013)


@pytest.mark.parametrize("args,status", [
    (("day",), 2), (("day", "somebody"), 2), (("nothing", "192.0.2.1"), 4),
    (("day", "192.0.2.1", "more"), 2),
    (("day", "192.0.2.1", "--at", "25:00"), 2),
    (("day", "192.0.2.1", "--at", "noon"), 2),
    (("day", "192.0.2.1", "--at", "Mon"), 2)])
def test_what_cannot_be_asked(conf, args, status):
    daemon = conf(DAY % "")
    assert daemon.ctl("why", *args)[0] == status
