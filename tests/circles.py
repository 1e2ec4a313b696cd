#!/usr/bin/python3
"""Which files know each other in a circle.

A file knows another one if it names a function or an object which that one
defines: nm(1) of what was compiled tells, so that pointers in tables count as
calls do.  Of sources, a file and its header know what either of them
includes.

    circles.py [-v] OBJECT.o ...
    circles.py [-v] SOURCE.[ch] ...

prints how many files are part of a circle; -v names them, circle by circle.
"""
import re
import subprocess
import sys
from pathlib import Path


def symbols(path):
    """The names that an object defines for others, and those it needs."""
    out = subprocess.run(["nm", "-g", "--format=posix", path], check=True,
                         capture_output=True, text=True).stdout
    defined, needed = set(), set()
    for line in out.splitlines():
        name, kind = line.split()[:2]
        (needed if kind in "Uvw" else defined).add(name)
    return defined, needed


def calls(paths):
    """{file: files of which it names something}"""
    tables = {Path(path).stem: symbols(path) for path in paths}
    home = {name: file for file, (defined, _) in tables.items()
            for name in defined}
    return {file: {home[name] for name in needed if name in home} - {file}
            for file, (_, needed) in tables.items()}


def includes(paths):
    """{file: files whose header it includes}"""
    graph = {Path(path).stem: set() for path in paths}
    for path in map(Path, paths):
        graph[path.stem] |= set(
            re.findall(rf'^#include "{path.parts[0]}/(?:\w+/)*(\w+)\.h"',
                       path.read_text(), re.M))
    return {file: (known & graph.keys()) - {file}
            for file, known in graph.items()}


def reach(graph, start):
    """All that can be come to from one file, which may be itself."""
    found, ahead = set(), list(graph[start])
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += graph[file]
    return found


def circles(graph):
    """Sets of files each of which can be come to from each other one."""
    far = {file: reach(graph, file) for file in graph}
    found = {frozenset(other for other in far[file] if file in far[other])
             for file in graph if file in far[file]}
    return sorted(found, key=lambda circle: (-len(circle), min(circle)))


def main(arguments):
    verbose = arguments[:1] == ["-v"]
    paths = arguments[verbose:]
    graph = (calls if paths[0].endswith(".o") else includes)(paths)
    found = circles(graph)
    print(sum(len(circle) for circle in found))
    for circle in found if verbose else []:
        print(f"{len(circle)} of {len(graph)}:")
        for file in sorted(circle):
            print(f"  {file}: {' '.join(sorted(graph[file] & circle))}")


main(sys.argv[1:])
