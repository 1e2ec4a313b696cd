"""Where the tests have Debian's packages from: tests/debian.sh."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(
    not shutil.which("apt-get") or not shutil.which("dpkg-deb"),
    reason="this is no Debian")

CONTROL = """\
Package: sample
Version: 1
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: a file
"""
ONE_LINE = "deb [trusted=yes] file:{place} ./\n"
DEB822 = "Types: deb\nURIs: file:{place}\nSuites: ./\nTrusted: yes\n"


def sh(commands, etc):
    config = etc.parent / "apt.conf"
    config.write_text(f'Dir::Etc "{etc}/";\n')
    return subprocess.run(
        ["sh", "-euc", ". tests/debian.sh\n" + commands], cwd=ROOT,
        env={**os.environ, "APT_CONFIG": str(config)}, check=True, text=True,
        capture_output=True, timeout=120).stdout


def repository(place):
    """One package, which is one file."""
    tree = place / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(CONTROL)
    (tree / "file").write_text("hello\n")
    subprocess.run(["dpkg-deb", "-b", tree, place / "sample_1_all.deb"],
                   check=True, capture_output=True)
    size = (place / "sample_1_all.deb").stat().st_size
    digest = subprocess.run(["sha256sum", place / "sample_1_all.deb"],
                            check=True, capture_output=True, text=True)
    (place / "Packages").write_text(
        CONTROL + "Filename: ./sample_1_all.deb\n"
        f"Size: {size}\nSHA256: {digest.stdout.split()[0]}\n")


@pytest.fixture
def etc(tmp_path):
    etc = tmp_path / "etc"
    for name in ("sources.list.d", "apt.conf.d", "preferences.d",
                 "trusted.gpg.d"):
        (etc / name).mkdir(parents=True)
    repository(tmp_path / "repository")
    return etc


@pytest.mark.root
@pytest.mark.parametrize("name,text", [
    ("sources.list", ONE_LINE), ("sources.list.d/a.list", ONE_LINE),
    ("sources.list.d/a.sources", DEB822)])
def test_packages_come_from_the_machines_own_sources(etc, tmp_path, name,
                                                     text):
    """in either form of them, and from wherever apt can have them"""
    (etc / name).write_text(text.format(place=tmp_path / "repository"))
    root = tmp_path / "root"
    root.mkdir()
    sh(f"debian_can\ndebian_tree {root}\ndebian_conf {root} > {root}.apt\n"
       f"debian_apt {root} update\n"
       f"debian_unpack {root} {tmp_path}/out sample", etc)
    assert (tmp_path / "out/file").read_text() == "hello\n"


@pytest.mark.root
def test_reason_is_said_where_there_are_no_sources(etc):
    assert "knows no source" in sh("debian_can || true", etc)


def test_sources_of_the_other_type_keep_their_options(etc, tmp_path):
    (etc / "sources.list").write_text(ONE_LINE.format(place="/a"))
    (etc / "sources.list.d/b.sources").write_text(DEB822.format(place="/b"))
    out = tmp_path / "out"
    sh(f"debian_sources {out}", etc)
    assert (out / "sources.list").read_text() == \
        "deb-src [trusted=yes] file:/a ./\n"
    assert (out / "sources.list.d/b.sources").read_text() == \
        DEB822.format(place="/b").replace("Types: deb", "Types: deb-src")
