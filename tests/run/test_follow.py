"""superctl events and log-level."""

import contextlib
import json
import os
import re
import signal
import subprocess

from conftest import SLOW, SUPERCTL, tcp, wait_for

CONF = """20001 stream tcp nowait nobody /bin/true true
20002 stream tcp nowait nobody /bin/true true
"""


@contextlib.contextmanager
def follower(daemon, *args):
    """superctl events, and what reads its next line that has this"""
    process = subprocess.Popen(
        [SUPERCTL, "-s", daemon.control, *args], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    os.set_blocking(process.stdout.fileno(), False)
    lines = []

    def look(pattern):
        with contextlib.suppress(TypeError):    # nothing yet
            lines.extend(process.stdout.readlines())
        return next((each for each in lines if re.search(pattern, each)),
                    None)

    def line_with(pattern, act=lambda: True):
        return wait_for(lambda: act() and look(pattern), 20, pattern)

    try:
        yield process, line_with
    finally:
        process.kill()
        process.communicate(timeout=10 * SLOW)


def follows(daemon, line_with):
    """It is heard once it gets what others do."""
    line_with(r"192\.0\.2\.99", lambda: daemon.ctl(
        "deny", "192.0.2.99", "--for=1m")[0] == 0)


def test_events_come_as_lines_though_they_are_not_logged(superd):
    daemon = superd(CONF)
    with follower(daemon, "events") as (_, line_with):
        follows(daemon, line_with)
        tcp(20001)
        assert re.fullmatch(r"\d\d:\d\d:\d\d start 20001/tcp pid=\d+ "
                            r"peer=127\.0\.0\.1:\d+ children=1\n",
                            line_with(" start "))
        line_with(" exit 20001/tcp ")
    assert " start " not in daemon.read_log()


def test_events_of_one_service_come_as_json(superd):
    daemon = superd(CONF)
    with follower(daemon, "events") as (_, all_with), \
            follower(daemon, "--json", "events", "20002") as (_, line_with):
        follows(daemon, all_with)
        end = json.loads(line_with(
            '"exit"', lambda: (tcp(20001), tcp(20002))))
        assert end["service"] == "20002/tcp" and end["status"] == 0
        assert end["local"] == "127.0.0.1:20002" and end["maxrss"] > 0
        assert json.loads(line_with("."))["service"] == "20002/tcp"


def test_a_follower_that_stops_reading_delays_nobody(superd):
    """and hears how much it has lost"""
    daemon = superd(CONF, args=["-R", "0"])
    with follower(daemon, "--json", "events") as (process, line_with):
        follows(daemon, line_with)
        process.send_signal(signal.SIGSTOP)
        for _ in range(1500):
            tcp(20001)
        assert daemon.ctl("ping")[0] == 0
        process.send_signal(signal.SIGCONT)
        lost = json.loads(line_with('"lost"', lambda: (tcp(20001),)))
        assert lost["count"] > 0 and lost["level"] == "warning"


def test_only_a_few_may_follow(superd):
    daemon = superd(CONF)
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            _, line_with = stack.enter_context(follower(daemon, "events"))
            follows(daemon, line_with)
        status, text = daemon.ctl("events")
        assert status == 1 and "4 follow already" in text
    # and the places are free again once they have left
    with follower(daemon, "events") as (_, line_with):
        follows(daemon, line_with)


def test_the_level_of_the_log_is_set_until_the_restart(superd):
    daemon = superd(CONF, args=["-l"])
    assert daemon.ctl("log-level") == (0, "info\n")
    assert daemon.ctl("log-level", "warning") == (0, "warning\n")
    tcp(20001)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.ctl("log-level", "debug") == (0, "debug\n")
    assert daemon.ctl("ping")[0] == 0
    daemon.wait_log(r"control uid=\d+ pid=\d+: ping")
    assert " start " not in daemon.read_log()
    assert daemon.ctl("--json", "log-level", "info") == (
        0, '{"level":"info"}\n')
    status, text = daemon.ctl("log-level", "loud")
    assert status == 2 and "expected debug, info, warning or error" in text
