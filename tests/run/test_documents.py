"""What the pages, the samples and the helps say is so."""

import json
import pathlib
import re
import subprocess

import pytest
from conftest import SUPERCTL, SUPERD

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((TOP / "man").glob("*.[1-9]"))
# what the host of the test may not have
ELSEWHERE = re.compile(r"warning: (program|banner) \S+:? (No such file|"
                       r"is not )|would go elsewhere")


def page(name):
    return (TOP / "man" / name).read_text()


def plain(text):
    """mdoc's escapes in literal text"""
    for escape, character in ((r"\(dq", '"'), (r"\&", ""), (r"\-", "-"),
                              (r"\e", "\\")):
        text = text.replace(escape, character)
    return text


def literal(name):
    """Literal blocks of a page."""
    return [plain(text) for text in re.findall(
        r"^\.Bd -literal.*?\n(.*?)^\.Ed$", page(name), re.M | re.S)]


def indented(text):
    """Blocks of a README; blank lines belong to them."""
    return [re.sub("^    ", "", block, flags=re.M) for block in re.findall(
        r"(?:^    .*\n|^\n(?=    ))+", text, re.M)]


def check(text, tmp_path, *options):
    path = tmp_path / "conf"
    path.write_text(text)
    done = subprocess.run([SUPERD, "-t", *options, path], text=True,
                          capture_output=True, check=False)
    return [line for line in done.stderr.splitlines()[:-1]
            if not ELSEWHERE.search(line)]


@pytest.fixture
def host(mounts):
    """What the examples name is there."""
    etc = pathlib.Path("/etc")
    for name, text in (
            ("hosts", "127.0.0.1 localhost\n192.0.2.1 www.example.org\n"),
            ("nsswitch.conf", "".join(f"{name}: files\n" for name in (
                "hosts", "passwd", "group", "services", "protocols",
                "rpc"))),
            ("rpc", "rstatd 100001 rstat\n"),
            ("xinetd.conf", "defaults\n{\n}\n"), ("inetd.conf", "")):
        (etc / name).unlink(missing_ok=True)
        (etc / name).write_text(text)


# Configurations.

SUPERD_CONF = literal("superd.conf.5")
INETD_CONF = literal("superd-inetd.conf.5")
README = [block for block in indented((TOP / "README.md").read_text())
          if re.search(r"^service \"| (stream|dgram) ", block, re.M)]


def test_there_are_examples_to_check():
    assert len(SUPERD_CONF) == 7 and len(INETD_CONF) == 1
    assert len(README) == 3


@pytest.mark.root
@pytest.mark.parametrize("text", SUPERD_CONF)
def test_examples_of_superd_conf_load(text, host, tmp_path):
    assert check(text, tmp_path, "--format", "superd") == []


@pytest.mark.root
@pytest.mark.parametrize("text", INETD_CONF + README)
def test_examples_load_and_their_format_is_guessed(text, host, tmp_path):
    assert check(text, tmp_path) == []


@pytest.mark.root
@pytest.mark.parametrize("name", ["inetd.conf", "superd.conf", "try.conf"])
def test_samples_load_as_they_are(name, host, tmp_path):
    assert check((TOP / "etc" / name).read_text(), tmp_path) == []


@pytest.mark.root
@pytest.mark.parametrize("name", ["inetd.conf", "superd.conf"])
def test_samples_load_where_all_is_on(name, host, tmp_path):
    text, count = re.subn(r"^#(?=[a-z}\t])", "",
                          (TOP / "etc" / name).read_text(), flags=re.M)
    assert count > 5
    assert check(text, tmp_path) == []


# Options.

def names(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Za-z])(?![\w-])",
                          text))


def documented(name):
    found = set()
    for line in re.findall(r"^\.It Fl (.*)$", page(name), re.M):
        words = re.split(r" Ar ", line)[0].replace(",", " ").split()
        found |= {"-" + word for word in words}
    return found


def helped(program):
    done = subprocess.run([program, "-h"], capture_output=True, text=True,
                          check=True)
    return {option for line in done.stdout.splitlines()
            if re.match(r" +-", line)
            for option in names(re.split(r" {2,}", line.strip())[0])}


def helped_by_run():
    """without the attributes, which are in another page"""
    done = subprocess.run([SUPERD, "run", "-h"], capture_output=True,
                          text=True, check=True)
    return names(done.stdout.split("every option of superd.conf")[0])


def test_every_option_of_superd_is_in_its_help_and_its_page():
    assert helped(SUPERD) | helped_by_run() == documented("superd.8")


def test_every_option_of_superctl_is_in_its_help_and_its_page():
    assert helped(SUPERCTL) == documented("superctl.8")


def commands():
    """In the order of superctl's own table."""
    done = subprocess.run([SUPERCTL, "help"], capture_output=True, text=True,
                          check=True)
    return re.findall(r"^  ([a-z-]+) ", done.stdout, re.M)


def completed(text):
    """What a completion offers as a command."""
    found = (re.search(r"local -a commands=\(\n(.*?)\n\t\)", text, re.S)
             or re.search(r'-z \$command.*?-W "(.*?)"', text, re.S))
    if found:
        return re.findall(r"(?:^|(?<=[\s']))[a-z-]+(?=[\s:]|$)",
                          re.sub(r":.*", ":", found[1]))
    fish = re.findall(r"-n \$needs_one -a ([\w-]+)", text)
    assert re.search("commands (.*)$", text, re.M)[1].split() == fish
    return fish


def test_every_command_of_superctl_is_in_its_page():
    assert re.findall(r"^\.It Cm ([\w-]+)", page("superctl.8"),
                      re.M) == sorted(commands())


@pytest.mark.parametrize("name", ["superctl.bash", "_superctl",
                                  "superctl.fish"])
def test_completions_offer_every_command_and_no_other(name):
    text = (TOP / "etc/completions" / name).read_text()
    assert completed(text) == sorted(commands())


# What is asked of a service.
DENYING = {"deny", "allow", "why"}
NAMING = {"show", "enable", "disable", "stop", "drain", "kill", "set", "why",
          "explain"}


def test_every_command_is_answered(superd):
    daemon = superd("20001 stream tcp nowait root internal echo\n")
    for command in commands():
        if command in ("watch", "events"):
            continue    # a terminal, and for ever
        status, text = daemon.ctl(command, *["20001"] * (command in NAMING),
                                  *["192.0.2.1"] * (command in DENYING),
                                  *["instances=5"] * (command == "set"))
        assert status == 0, text


def test_completions_know_every_option_of_superctl():
    for path in (TOP / "etc/completions").glob("*superctl*"):
        text = path.read_text()
        for word in helped(SUPERCTL):
            if word.startswith("--"):       # fish has -l WORD
                assert word in text or f"-l {word[2:]} " in text
            else:
                assert word in text or f"-s {word[1:]} " in text


# Events.

def shapes():
    """The lines that the events' headers list, as patterns: [parts] that may
    be missing, and capitals for what differs."""
    special = {"[": "(?:", "]": ")?", "N": "[0-9.]+"}
    lines = [line for name in ("event.h", "event_self.h")
             for line in re.findall(r"^(?:/\*| \*)\t(\S.*?)(?:\t|$)", (
                 TOP / "superd/running" / name).read_text(), re.M)]
    found = []
    for line in lines:
        first, rest = re.match(r"([A-Za-z]+:?)(.*)", line).groups()
        pattern = "".join(
            special.get(part) or
            (".+" if re.fullmatch("[A-Z]+", part) else re.escape(part))
            for part in re.split(r"([\[\]]|\b[A-Z]+\b)", rest) if part)
        found.append((first, re.compile(re.escape(first) + pattern)))
    return found


def logged():
    """The lines that the unit test of the events sees."""
    text = (TOP / "tests/unit/test_events.c").read_text()
    return ["".join(re.findall(r'"([^"]*)"', call)) for call in re.findall(
        r"wrote\(LOG_\w+,\s*((?:\"[^\"]*\"\s*)+)\)", text)]


def diagnostics():
    text = page("superd.8")
    return text[text.index(".Sh DIAGNOSTICS"):text.index(".Sh SEE ALSO")]


def test_every_event_is_listed_as_it_is_logged():
    lines, patterns = logged(), [pattern for _, pattern in shapes()]
    assert len(patterns) > 30
    for line in lines:
        assert any(pattern.fullmatch(line) for pattern in patterns), line
    for pattern in patterns:
        assert any(pattern.fullmatch(line) for line in lines), pattern


def test_every_event_is_in_the_page():
    text = plain(diagnostics())
    for word, _ in shapes():
        assert re.search(rf"^(?:\.Li .*)?\b{word.rstrip(':')}\b", text,
                         re.M), word


def test_events_in_the_page_are_logged_like_that():
    lines = plain(re.search(r"\.Bd -literal.*?\n(.*?)\.Ed", diagnostics(),
                            re.S)[1]).splitlines()
    patterns = [pattern for _, pattern in shapes()]
    for line in lines:
        assert any(pattern.fullmatch(line) for pattern in patterns), line


# superctl.

def keys_of(value):
    if isinstance(value, list):
        return set().union(*map(keys_of, value), set())
    if isinstance(value, dict):
        return set(value) | keys_of(list(value.values()))
    return set()


def test_every_key_of_the_json_is_in_the_page(superd):
    daemon = superd("20001 stream tcp nowait root internal echo\n")
    text = page("superctl.8")
    for command in ("status", "reload"):
        done = subprocess.run([SUPERCTL, "-s", daemon.control, "--json",
                               command], capture_output=True, text=True,
                              check=True)
        for key in keys_of(json.loads(done.stdout)):
            assert re.search(rf"\b{key}\b", text), key


# All pages.

def test_pages_name_only_pages_that_are_there():
    ours = {path.name for path in PAGES}
    for path in PAGES:
        for name, section in re.findall(r"^\.Xr (\S+) (\d)",
                                        path.read_text(), re.M):
            if name.startswith("super"):
                assert f"{name}.{section}" in ours
