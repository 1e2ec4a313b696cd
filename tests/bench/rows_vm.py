"""Row 16: more services than this host has descriptors for, in a virtual
machine that has them."""

import os
import shutil
import sys
import tempfile

import place
from bench import value
from daemon import Broken
from figures import Figure

sys.path.insert(0, str(place.HERE.parent / "vm"))

import machine  # noqa: E402

FEW, MANY, MEMORY = 10000, 50000, 2048
HERE = place.HERE / "guest_services.sh"
LINEAR = ("<=", 1.2)
KINDS = (("start", "s"), ("memory", "MiB"), ("unchanged reload", "s"))


def why_not():
    """Why there is no guest, or None."""
    if machine.WHY.exists():
        return machine.WHY.read_text().strip()
    if shutil.which("qemu-system-x86_64") is None:
        return "qemu-system-x86_64 is not installed"
    if not (machine.VM / "inetd.img").exists():
        return "there are no disks: make check-vm makes them"
    return None


def boot(folder):
    for path in (place.SUPERD, place.SUPERCTL, HERE):
        shutil.copy(path, folder)
    os.chmod(folder, 0o755)
    return machine.Machine("inetd", folder, memory=MEMORY)


def measured(guest, count):
    """Start, memory and reload, each counted from a superd without any."""
    text = guest.run(f"sh /mnt/{HERE.name} {count}", 900)
    return [float(word) for word in text.split()]


def fifty_thousand(bench):
    """50,000 services, emulated: does anything grow faster than they do?"""
    reason = "it takes minutes" if bench.quick else why_not()
    if reason:
        bench.note(f"left out: {reason}")
        return
    few, many = [], []
    with tempfile.TemporaryDirectory() as folder:
        try:
            guest = boot(folder)
        except machine.GuestError as why:
            raise Broken(f"the guest: {str(why)[:200]}") from why
        try:
            guest.run("mount -o ro /dev/vdb /mnt")
            for _ in range(min(bench.rounds, 3)):
                few.append(measured(guest, FEW))
                many.append(measured(guest, MANY))
        finally:
            guest.close()
    for i, (what, unit) in enumerate(KINDS):
        # what others do to an emulated machine only makes it slower
        small = min(each[i] for each in few)
        large = min(each[i] for each in many)
        bench.add(f"{MANY:,} services, emulated: {what}", unit, value(large),
                  f"{MANY // FEW} times that of {FEW:,}",
                  value(small * MANY / FEW),
                  Figure([large / (small * MANY / FEW)]), LINEAR)
