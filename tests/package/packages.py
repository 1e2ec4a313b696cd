"""What the tests of all packages need: where they are made, and how."""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("B", TOP / "build")).absolute()
VERSION = re.search(r"^VERSION\s*:= (.*)$", (TOP / "Makefile").read_text(),
                    re.M)[1]

sys.path.insert(0, str(TOP / "tests/acceptance"))


def run(*argv, **options):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300,
                          **options)
    assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout
