#!/usr/bin/python3
"""Which includes of superd/ climb.

Its folders are layers: a file may include what stands in its own folder, or
in one of those before it in LAYERS, and nothing that comes behind.

    walls.py [-v] SOURCE.[ch] ...

prints how many includes do otherwise; -v names them.
"""
import re
import sys
from pathlib import Path

LAYERS = ["base", "systemd", "log", "spawn", "running", "policy", "serve",
          "control", ""]


def layer(path):
    """Its place in LAYERS; what is not of superd/ is below all of it."""
    folders = Path(path).parts[:-1]
    if folders[:1] != ("superd",):
        return -1
    return LAYERS.index(folders[1] if len(folders) > 1 else "")


def climbing(path):
    return [include for include in
            re.findall(r'^#include "([^"]+)"', Path(path).read_text(), re.M)
            if layer(include) > layer(path)]


def main(arguments):
    verbose = arguments[:1] == ["-v"]
    found = [f"{path}: {include}" for path in arguments[verbose:]
             for include in climbing(path)]
    print(len(found))
    if verbose:
        print("\n".join(found))


main(sys.argv[1:])
