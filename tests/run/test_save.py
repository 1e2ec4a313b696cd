"""superctl enable and disable --save: one line of a file, and what it means."""
import contextlib
import os
import re
import stat
import subprocess

import pytest
from conftest import SLOW, SUPERCTL, refused, tcp, wait_for

DAY = "internal = daytime"
SUPERD = f"""\
# first line: kept
defaults {{ user = root }}
service one {{	# a brace }} in a comment {{
    port = 20001   // and this
    {DAY}
}}
service "two" {{ port = 20002 {DAY} }}
service 'th{{ree' {{
	port = 20003
	disable = "no"		# said
	{DAY}
}}
"""
XINETD = """\
# default: on
defaults
{
}
service one
{
	id		= one
	type		= INTERNAL UNLISTED
	socket_type	= stream
	protocol	= tcp
	wait		= no
	port		= 20001
}
service two
{
	disable		= no
	id		= two
	type		= INTERNAL UNLISTED
	socket_type	= stream
	protocol	= tcp
	wait		= no
	port		= 20002
}
""".replace("service one", "service daytime").replace(
    "service two", "service daytime")
INETD = """\
# kept
20001 stream tcp nowait root internal daytime
20002	stream	tcp	nowait	root \\
	internal daytime
20003 stream tcp nowait root internal daytime
""".replace(" \\\n", "\n")


def changed(before, after):
    """The lines that are not in the other text."""
    old, new = before.splitlines(), after.splitlines()
    return ([line for line in old if line not in new],
            [line for line in new if line not in old])


def switch(daemon, how, id):
    status, text = daemon.ctl(how, id, "--save")
    assert status == 0, text
    return daemon.conf.read_text()


@pytest.mark.parametrize("id,port,gone,new", [
    ("one", 20001, [], ["    disable = yes"]),
    ("two", 20002, [f'service "two" {{ port = 20002 {DAY} }}'],
     [f'service "two" {{ disable = yes port = 20002 {DAY} }}']),
    ("th{ree", 20003, ['\tdisable = "no"\t\t# said'],
     ["\tdisable = yes\t\t# said"])])
def test_an_entry_of_superd_conf_is_switched(superd, id, port, gone, new):
    daemon = superd(SUPERD, file="superd.conf")
    assert tcp(port)
    text = switch(daemon, "disable", id)
    assert changed(SUPERD, text) == (gone, new)
    assert refused(port) and daemon.service(id)["state"] == "disabled"
    daemon.reload()
    assert refused(port)
    again = switch(daemon, "enable", id)
    assert again == text.replace("disable = yes", "disable = no")
    assert tcp(port)
    daemon.reload()
    assert tcp(port)


@pytest.mark.parametrize("id,port,gone,new", [
    ("one", 20001, [], ["\tdisable = yes"]),
    ("two", 20002, ["\tdisable\t\t= no"], ["\tdisable\t\t= yes"])])
def test_an_entry_of_xinetd_conf_is_switched(superd, id, port, gone, new):
    daemon = superd(XINETD, file="xinetd.conf")
    text = switch(daemon, "disable", id)
    assert changed(XINETD, text) == (gone, new)
    assert refused(port)
    daemon.reload()
    assert refused(port)
    switch(daemon, "enable", id)
    assert tcp(port)


@pytest.mark.parametrize("port", [20001, 20002, 20003])
def test_an_entry_of_inetd_conf_gets_the_mark_of_update_inetd(superd, port):
    """and loses it, to the octet"""
    daemon = superd(INETD)
    text = switch(daemon, "disable", f"{port}/tcp")
    assert text == re.sub(f"^{port}", f"#<off># {port}", INETD, flags=re.M)
    assert refused(port)
    daemon.reload()
    assert refused(port) and tcp(20001 if port != 20001 else 20003)
    assert switch(daemon, "enable", f"{port}/tcp") == INETD
    assert tcp(port)


def test_what_it_says_already_is_left_alone(superd):
    daemon = superd(SUPERD, file="superd.conf")
    before = daemon.conf.stat()
    switch(daemon, "enable", "one")
    assert daemon.conf.stat() == before


def test_without_save_no_file_is_touched(superd):
    daemon = superd(SUPERD, file="superd.conf")
    before = daemon.conf.stat()
    daemon.ctl("disable", "one")
    daemon.ctl("enable", "one")
    assert daemon.conf.stat() == before


def test_files_that_are_included_are_switched_where_they_are(
        superd, tmp_path):
    part = tmp_path / "part.conf"
    part.write_text(f"service part {{\n\tport = 20005\n\t{DAY}\n}}\n")
    main = f"include = 'part.conf'\nservice one {{ port = 20001 {DAY} }}\n"
    daemon = superd(main, file="superd.conf")
    assert switch(daemon, "disable", "part") == main
    assert part.read_text() == \
        f"service part {{\n\tdisable = yes\n\tport = 20005\n\t{DAY}\n}}\n"
    assert refused(20005) and tcp(20001)


def test_line_ends_and_marks_are_kept(superd):
    text = "\ufeff" + SUPERD.replace("\n", "\r\n")
    daemon = superd("", file="superd.conf")
    daemon.conf.write_bytes(text.encode())
    assert daemon.reload()[0] == 0
    assert daemon.ctl("disable", "one", "--save")[0] == 0
    after = daemon.conf.read_bytes().decode()
    assert after.startswith("\ufeff# first") and after.count("\n") == \
        after.count("\r\n") == text.count("\r\n") + 1


@pytest.mark.root
def test_owner_mode_and_links_are_kept(superd, tmp_path):
    daemon = superd(SUPERD, file="superd.conf")
    real = tmp_path / "real.conf"
    daemon.conf.rename(real)
    daemon.conf.symlink_to(real)
    real.chmod(0o640)
    os.chown(real, 0, 0)
    with contextlib.suppress(OSError):
        os.setxattr(real, "user.note", b"x")
    attributes = os.listxattr(real)
    switch(daemon, "disable", "one")
    assert daemon.conf.is_symlink()
    st = real.stat()
    assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == (0, 0, 0o640)
    assert os.listxattr(real) == attributes
    assert not list(tmp_path.glob(".superd*"))


@pytest.mark.parametrize("text,id,why", [
    (f"defaults {{ disable = yes }}\nservice one {{ port = 20001 {DAY} }}",
     "one", None),
    ("defaults\n{\n\tdisabled = one\n}\n" + XINETD.split("}\n", 1)[1],
     "one", "expected an entry that can be switched"),
])
def test_what_one_line_cannot_switch_is_refused(superd, text, id, why):
    file = "xinetd.conf" if "disabled =" in text else "superd.conf"
    daemon = superd(text, file=file)
    status, said = daemon.ctl("enable", id, "--save")
    if why is None:
        assert status == 0, said
        assert "{ disable = no port" in daemon.conf.read_text()
        assert tcp(20001)
    else:
        assert status == 1 and why in said
        assert daemon.conf.read_text() == text


def test_a_service_that_nobody_knows_is_refused(superd):
    daemon = superd(INETD)
    status, text = daemon.ctl("enable", "nosuch/tcp", "--save")
    assert status == 1 and "nosuch/tcp was found" in text
    assert daemon.ctl("disable", "nosuch", "--save")[0] == 4
    assert daemon.conf.read_text() == INETD


@pytest.mark.root
@pytest.mark.parametrize("how", ["owner", "mode"])
@pytest.mark.parametrize("text,file", [
    (SUPERD, "superd.conf"), (XINETD, "xinetd.conf"), (INETD, "inetd.conf")],
                         ids=["superd", "xinetd", "inetd"])
def test_a_file_that_others_can_write_is_named_and_left_alone(
        superd, text, file, how):
    """since superd was started"""
    id = "20001/tcp" if text == INETD else "one"
    daemon = superd(text, file=file)
    if how == "owner":
        os.chown(daemon.conf, 65534, -1)
    else:
        daemon.conf.chmod(0o666)
    status, said = daemon.ctl("disable", id, "--save")
    assert status == 1
    assert f"{daemon.conf}: error: writable by others: " in said
    assert "expected one that only root can write" in said
    assert daemon.conf.read_text() == text
    assert tcp(20001)


def test_a_service_of_no_file_is_refused(superd):
    daemon = superd(SUPERD, given="stdin")
    status, text = daemon.ctl("disable", "one", "--save")
    assert status == 1 and "<stdin> cannot be read: expected a file" in text
    assert tcp(20001)


def test_other_edits_are_not_applied_by_a_disable(superd):
    daemon = superd(SUPERD, file="superd.conf")
    daemon.conf.write_text(SUPERD.replace("20002", "20009"))
    switch(daemon, "disable", "one")
    assert tcp(20002) and refused(20009)
    assert "20009" in daemon.conf.read_text()


def test_the_loop_serves_meanwhile_and_two_are_told_apart(superd):
    many = "".join(f"service s{i} {{ port = {21000 + i}\n{DAY} }}\n"
                   for i in range(500))
    daemon = superd(SUPERD + many, file="superd.conf")
    both = [subprocess.Popen([SUPERCTL, "-s", daemon.control, "disable", id,
                              "--save"], stderr=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL)
            for id in ("one", "two")]
    assert tcp(20003)
    statuses = sorted(one.wait(30 * SLOW) for one in both)
    assert statuses in ([0, 0], [0, 1])
    wait_for(lambda: refused(20001) or refused(20002))
