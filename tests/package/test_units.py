"""What systemd thinks of the units that make installs."""

import re
import shutil
import subprocess

import pytest
from packages import BUILD, TOP, run

UNITS = ["superd", "superd-inetd", "superd-xinetd"]
DROPINS = ["lock", "unlock"]

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                                reason="systemd-analyze is not installed")


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The directory of the units; what they start is there."""
    top = tmp_path_factory.mktemp("units")
    run("make", "-s", "install-inetd", "install-xinetd", f"B={BUILD}",
        f"DESTDIR={top}", "unitdir=/units", cwd=TOP)
    for path in (top / "units").iterdir():
        path.write_text(path.read_text().replace("/usr/local/sbin",
                                                 f"{top}/usr/local/sbin"))
    return top / "units"


def exposure(path):
    """As systemd-analyze has it, from 0 to 100; it has lists of its own."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", path],
        capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"exposure level for \S+: (\d+)\.(\d)", done.stdout)
    if not found:
        pytest.skip("this systemd-analyze does not tell of files: " +
                    done.stderr.strip())
    return int(found[1]) * 10 + int(found[2])


def settings(path):
    """{name: lines} of a file, those behind a # included"""
    found = {}
    for line in path.read_text().splitlines():
        match = re.fullmatch(r"#?([A-Z][A-Za-z]+)=(.*)", line)
        if match:
            found.setdefault(match[1], []).append(match[2])
    return found


def with_lines(units, unit, name, lines):
    """Another unit, with these at its end."""
    path = units / f"{unit}-{name}.service"
    text = (units / f"{unit}.service").read_text()
    before, install, after = text.partition("\n[Install]")
    path.write_text(before + "\n" + "\n".join(lines) + install + after)
    return path


def dropin(name):
    """Its lines, with what is behind a #."""
    return [f"{key}={value}"
            for key, values in settings(TOP / f"etc/{name}.conf").items()
            for value in values]


def verify(path):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", path],
        capture_output=True, text=True, timeout=60, check=False)
    # it looks at all units that it wants, which are not ours
    return [line for line in done.stderr.splitlines()
            if path.name in line or str(path) in line]


@pytest.mark.parametrize("unit", UNITS)
def test_unit_is_accepted(units, unit):
    assert verify(units / f"{unit}.service") == []


@pytest.mark.parametrize("unit", UNITS)
def test_exposure_is_at_most_5(units, unit):
    assert exposure(units / f"{unit}.service") <= 50


@pytest.mark.parametrize("name", DROPINS)
def test_dropin_is_accepted_as_a_whole(units, name):
    assert verify(with_lines(units, "superd", name, dropin(name))) == []


def test_each_lock_can_be_lifted(units):
    """with unlock.conf nothing is left but UMask, which is superd's own"""
    bare = units / "superd-bare.service"
    locks = set(settings(TOP / "etc/unlock.conf")) | {"SystemCallErrorNumber"}
    text = re.sub(r"\\\n", "", (units / "superd.service").read_text())
    bare.write_text("".join(
        line + "\n" for line in text.splitlines()
        if line.partition("=")[0] not in locks))
    lifted = with_lines(units, "superd", "lifted", dropin("unlock"))
    assert exposure(lifted) == exposure(bare) >= 90


def test_bold_locks_lock_more(units):
    assert exposure(with_lines(units, "superd", "bold", dropin("lock"))) < 30


def test_locks_that_a_server_may_mind_are_left_out_and_told(units):
    """those that lock.conf adds are off in the units, and named there"""
    text = (units / "superd.service").read_text()
    on = settings(units / "superd.service")
    for name in ("NoNewPrivileges", "RestrictSUIDSGID", "ProtectHome",
                 "PrivateTmp", "PrivateDevices", "ProtectClock",
                 "ProtectProc", "ProcSubset", "MemoryDenyWriteExecute"):
        assert name in settings(TOP / "etc/lock.conf")
        assert name not in on
        assert re.search(rf"^# .*\b{name}\b", text, re.M), name
