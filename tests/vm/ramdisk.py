"""The initial ramdisk: init.c, and the modules that a disk needs."""

import lzma
import pathlib
import re
import subprocess

# what init.c needs to see a disk, and the agent to talk
WANTED = ("virtio_pci", "virtio_blk", "ext4", "virtio_console", "autofs4")


class Modules:
    """The modules of one kernel, by name."""

    def __init__(self, top):
        self.files = {}
        for path in pathlib.Path(top).rglob("*.ko*"):
            name = path.name.split(".ko")[0].replace("-", "_")
            self.files[name] = path

    def read(self, name):
        path = self.files[name]
        if path.suffix == ".xz":
            return lzma.decompress(path.read_bytes())
        if path.suffix == ".zst":
            return subprocess.run(["zstd", "-dc", path], check=True,
                                  capture_output=True).stdout
        return path.read_bytes()

    def order(self, names):
        """With what they depend on, in the order to load them; what is
        built into the kernel is no module."""
        done = {}
        for name in names:
            if name in self.files:
                self._add(name, done)
        return done

    def _add(self, name, done):
        if name in done:
            return
        data = self.read(name)
        depends = re.search(rb"\0depends=([^\0]*)", data)[1].decode()
        for other in filter(None, depends.replace("-", "_").split(",")):
            self._add(other, done)
        done[name] = data


def entry(name, mode, data=b""):
    """One file of a cpio archive of the form newc."""
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields)
    out = head + name.encode() + b"\0"
    out += b"\0" * (-len(out) % 4) + data
    return out + b"\0" * (-len(out) % 4)


def ramdisk(init, modules):
    """init: the program; modules: the directory of the kernel's."""
    archive = entry("init", 0o100755, pathlib.Path(init).read_bytes())
    archive += entry("modules", 0o040755)
    order = Modules(modules).order(WANTED)
    for n, (name, data) in enumerate(order.items()):
        archive += entry(f"modules/{n:02}-{name}", 0o100644, data)
    return archive + entry("TRAILER!!!", 0)
