"""Everything at once for a while; SOAK=SECONDS makes it longer."""

import contextlib
import os
import random
import signal
import socket
import struct
import threading
import time

from conftest import SLOW, connect, probe, tcp, udp_socket, wait_for

CONF = (f"20001 stream tcp nowait nobody {probe('probe')} probe\n"
        f"20002 stream tcp wait nobody {probe('acc')} acc 5\n"
        f"20003 dgram udp wait nobody {probe('once')} once\n"
        f"20004 stream tcp nowait/5/0/3 nobody {probe('hold')} hold\n"
        "20005 stream tcp nowait nobody /bin/sh sh -c 'kill -SEGV $$'\n"
        "20007 stream tcp nowait root internal echo\n"
        "20007 dgram udp wait root internal echo\n"
        "20013 stream tcp nowait root internal daytime\n"
        "20014 stream tcp nowait root internal tcpmux\n"
        "tcpmux/cat stream tcp nowait nobody /bin/cat cat\n")
SECONDS = int(os.environ.get("SOAK", 6))


def reset(port):
    s = connect(port, timeout=1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def datagrams():
    with udp_socket(timeout=0.2) as s:
        for port in (20003, 20007):
            s.sendto(b"x", ("127.0.0.1", port))
        s.recv(100)


ACTS = [lambda: tcp(20001, timeout=1), lambda: tcp(20002, b"x", timeout=1),
        lambda: tcp(20005, timeout=1), lambda: tcp(20007, b"abc", timeout=1),
        lambda: tcp(20013, timeout=1), lambda: reset(20001),
        lambda: reset(20007), lambda: reset(20004), datagrams,
        lambda: tcp(20014, b"cat\r\nabc", timeout=1),
        lambda: tcp(20014, b"HELP\r\n", timeout=1)]


def client(end, seed):
    chance = random.Random(seed)
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            chance.choice(ACTS)()


def stir(daemon, end):
    """Reloads of all kinds, and the violent end of some children."""
    texts = [CONF, CONF.replace("20001", "20011"), "garbage\n",
             CONF.replace("acc 5", "acc 3"), CONF + "20020 stream tcp nowait "
             "nosuchuser /bin/true true\n"]
    chance = random.Random(0)
    while time.monotonic() < end:
        daemon.reload(chance.choice(texts))
        for pid in daemon.child_pids()[:3]:
            with contextlib.suppress(OSError):
                os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGTERM]))
        daemon.read_log()


def hustle(daemon, seconds):
    end = time.monotonic() + seconds
    threads = [threading.Thread(daemon=True, target=client, args=(end, seed))
               for seed in range(4)]
    for thread in threads:
        thread.start()
    stir(daemon, end)
    for thread in threads:
        thread.join()
    assert daemon.reload(CONF)[0] == 0
    for child in daemon.service("20002/tcp")["children"]:
        with contextlib.suppress(OSError):  # it waits for five clients
            os.kill(child["pid"], signal.SIGKILL)
    wait_for(lambda: daemon.status()["children"] == 0, 30)


def test_nothing_grows_and_nothing_is_lost(superd):
    daemon = superd(CONF)
    hustle(daemon, SECONDS / 3)
    memory = daemon.rss()
    hustle(daemon, SECONDS * 2 / 3)
    daemon.check_at_rest()
    assert daemon.growth(memory) < 1 << 20
    # echo's worker was killed often, and is given time
    wait_for(lambda: daemon.service("20007/tcp")["paused"] is None, 10)
    start = time.monotonic()
    assert tcp(20013) and tcp(20007, b"abc") == b"abc"
    assert time.monotonic() - start < 0.5 * SLOW
    before = daemon.cpu()
    time.sleep(0.5)
    assert daemon.cpu() - before < 0.05 * SLOW
