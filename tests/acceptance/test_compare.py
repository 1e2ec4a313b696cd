"""xinetd and superd with the same file, asked the same by the same clients.

Whatever superd does otherwise is in compare_cases.DIFFERS, with the reason.
Entries stand together in one file; those for which the file means something
have one of their own.
"""

import compare
import daemon
import pytest
from compare import KINDS, Running, entry
from compare_cases import BESIDE, CASES, DIFFERS, FILES, FOLDER, B, defaults

FIRST_PORT = 20001

pytestmark = pytest.mark.skipif(daemon.KIND != "superd",
                                reason="compares both by itself")


@pytest.fixture(scope="module")
def furnished(house):
    with compare.furnished(house):
        for name, text in FOLDER.items():
            house.write(f"/srv/inc/'{name}'", text)
        house.write("/srv/defaults", defaults({"only_from": B}))
        yield house


def ask_all(house, kind):
    places = dict(enumerate(CASES, FIRST_PORT))
    text = BESIDE + "".join(
        entry(case.service or f"s{port}", port, case.text)
        for port, case in places.items())
    running = Running(house, kind, text)
    try:
        with house.inside():
            return {case.name: case.ask(port)
                    for port, case in places.items()}
    finally:
        running.stop()


@pytest.fixture(scope="module")
def answers(furnished):
    """{kind: {name: what clients got}} of all entries of one file"""
    return {kind: ask_all(furnished, kind) for kind in KINDS}


def check(name, xinetd, superd):
    if name not in DIFFERS:
        assert superd == xinetd
        return
    reason, does = DIFFERS[name]
    assert does(xinetd, superd), f"{reason}\n{xinetd}\n{superd}"


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_entry(answers, name):
    check(name, *(answers[kind][name] for kind in KINDS))


def ask_file(house, kind, case):
    running = Running(house, kind, case.text)
    try:
        with house.inside():
            return case.ask(None)
    finally:
        running.stop()


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_file(furnished, case):
    check(case.name, *(ask_file(furnished, kind, case) for kind in KINDS))


def test_names_of_cases_are_different():
    names = [case.name for case in CASES + FILES]
    assert len(names) == len(set(names))
    assert set(DIFFERS) <= set(names)
