"""What the README lets newcomers type."""

import json
import os
import re
import signal
import subprocess
import sys

from conftest import ROOT, SUPERCTL, SUPERD, tcp, wait_for


def test_make_run_serves_this_host_alone(tmp_path):
    """whoever tries it opens nothing to others"""
    path = tmp_path / "out"
    with open(path, "wb") as out, subprocess.Popen(
            ["sh", "tests/try.sh", os.path.dirname(SUPERD)], cwd=ROOT,
            stdout=out, stderr=out, start_new_session=True) as run:
        try:
            wait_for(lambda: "ready:" in path.read_text(), what="ready")
            control = re.search(r"-s (\S+/control)", path.read_text())[1]
            services = json.loads(subprocess.run(
                [SUPERCTL, "-s", control, "--json", "list"],
                check=True, capture_output=True).stdout)
            assert tcp(7022).startswith(b"uid=")
        finally:
            os.killpg(run.pid, signal.SIGINT)
    addresses = [one["address"] for service in services
                 for one in service["listeners"]]
    assert len(addresses) == 10
    assert all(re.match(r"127\.0\.0\.1:|\[::1\]:", one)
               for one in addresses), addresses


def test_a_failed_test_cannot_keep_the_others_from_ending(tmp_path):
    """threads that wait for a client that never comes"""
    test = tmp_path / "test_it.py"
    test.write_text("""
from test_superctl import server


def test_nobody_asks(tmp_path):
    with server(tmp_path / "control", b""):
        raise FileNotFoundError
""")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "--noconftest", test], env={**os.environ, "PYTHONPATH": str(
             ROOT / "tests/run")}, capture_output=True, text=True, timeout=60)
    assert "1 failed" in done.stdout, done.stdout
