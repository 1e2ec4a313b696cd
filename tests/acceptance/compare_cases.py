"""Entries and files of xinetd, and where superd does otherwise on purpose."""

import os
import time

from compare import (Case, ask, ask_udp, connected, crowd, defaults, entry,
                     few, state, turned_away)
from house import wait_for

PROBE = {"server": "/usr/local/bin/probe", "server_args": None}
HOLD = {"server": "/usr/local/bin/hold", "server_args": None}
NONE = {"server": None, "server_args": None}
A, B, C, D = "127.0.0.1", "192.168.1.5", "192.168.2.5", "10.9.9.1"
V6 = ("::1", "2001:db8::5")
EVERYBODY = [A, B, C, D]
REFUSED = "(Connection refused)"
PATH = "env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def served(port, clients=(A, B, C, D)):
    """Which of these clients are served; and what others get."""
    answers = {client: ask(port, client) for client in clients}
    if set(answers.values()) == {REFUSED}:
        return REFUSED
    return [client if answer == "served\n" else f"{client} {answer}"
            for client, answer in answers.items() if answer]


def both_families(port):
    return served(port, (A, B, *V6))


def probed(port, *address):
    return state(ask(port, *address))


def at(*hosts):
    return lambda port: [ask(port, host=host) for host in hosts]


# Who may connect.

def access(name, only_from=None, no_access=None, client=served, **more):
    return Case(name, {"only_from": only_from, "no_access": no_access} | more,
                client)


NO_ADDRESSES = ["192.168.", "192.168", "192", "10.9.9", "192.168.1.",
                "256.0.0.1", "192.168.1.0/33", "-", "*", "127.0.0.1/"]
HALF_ADDRESSES = ["192.168.{1,300}", "127.0.0.1/-1"]
ADDRESSES = [
    "127.0.0.1", "127.0.0.0", "0.0.0.0", "192.168.0.0", "192.168.1.0",
    "192.168.1.5", "10.0.0.0", "192.168.{1,2}", "192.168.{1,3,77}",
    "192.168.1.{4,5}", "{10,127}", "192.168.{2}", "192.168.{1,2}.0",
    "192.168.{1,2", "10.9.9.0/24", "10.9.9.1/32", "192.168.2.0/23",
    "192.168.1.5/16", "0.0.0.0/0", "127.0.0.0/8", "192.168.2.5/31",
    "192.168.1.0/25", "127.0.0.1 192.168.1.5",
]
NAMES = ["localhost", "friend.example", "FRIEND.Example", ".example",
         "example", "nosuch.example", "loopback", "ALL",
         "10.9.9.1 192.168.{2,3} .example"]
ACCESS = [access(f"only_from {value}", value)
          for value in ADDRESSES + NO_ADDRESSES + HALF_ADDRESSES + NAMES]
ACCESS += [access(f"no_access {value}", None, value)
           for value in ADDRESSES + NO_ADDRESSES + HALF_ADDRESSES + NAMES]
ACCESS += [access(f"only_from {a} no_access {b}", a, b) for a, b in (
    (A, A), ("127.0.0.0/8", "127.0.0.0"), ("192.168.0.0", B), (A, "0.0.0.0"),
    ("192.168.0.0/16", ".example"), ("0.0.0.0", "0.0.0.0"),
    ("192.168.{1,2}", "192.168.1.0"), (B, "192.168.0.0"))]
V6_VALUES = ["::1", "::1/128", "2001:db8::/32", A, "::/0", "::", "0.0.0.0/0",
             "::ffff:127.0.0.1", "2001:db8::5 192.168.1.5", "0.0.0.0",
             "localhost", "2001:db8::", "::/64", "::/80", "::ffff:0:0/96",
             "::ffff:192.168.0.0/112"]
for socket, flags in (("dual", "NOLIBWRAP"), ("IPv4", "IPv4 NOLIBWRAP")):
    ACCESS += [access(f"{socket} only_from {value}", value, None,
                      both_families, flags=flags) for value in V6_VALUES]
    ACCESS += [access(f"{socket} no_access {value}", None, value,
                      both_families, flags=flags) for value in V6_VALUES]
ACCESS += [Case(name, values, served) for name, values in {
    "only_from nothing": {"only_from": ""},
    "only_from twice": {"only_from": A, "only_from.": B},
    "only_from added": {"only_from": A, "only_from. +=": B},
    "only_from removed": {"only_from": f"{A} {B}", "only_from. -=": B},
    "only_from all removed": {"only_from": A, "only_from. -=": A},
    "only_from factor removed": {"only_from": "192.168.{1,2}",
                                 "only_from. -=": "192.168.1.0"},
    "only_from with commas": {"only_from": f"{A},{B}"},
    "no_access added": {"no_access +=": A},
    "no_access removed": {"no_access": f"{A} {B}", "no_access. -=": B},
    "Only_From": {"Only_From": B}, "NO_ACCESS": {"NO_ACCESS": B},
}.items()]


# What a server is started with.

SERVERS = [Case(name, PROBE | values, probed) for name, values in {
    "nothing special": {},
    "arguments": {"server_args": "-u a  b\tc"},
    "quoted arguments": {"server_args": "'a b' \"c d\" e'f"},
    "odd arguments": {"server_args": r"a=b = += %s $HOME \n ~ * {}"},
    "comment behind arguments": {"server_args": "a # b"},
    "argument like a comment": {"server_args": "a#b #c"},
    "arguments added": {"server_args": "a", "server_args. +=": "b"},
    "two lines of arguments": {"server_args": "a", "server_args.": "b"},
    "NAMEINARGS": {"flags": "IPv4 NOLIBWRAP NAMEINARGS",
                   "server_args": "/usr/sbin/name -x"},
    "NAMEINARGS behind": {"flags": None, "server_args": "name -x",
                          "flags.": "IPv4 NOLIBWRAP NAMEINARGS"},
    "NAMEINARGS alone": {"flags": "IPv4 NOLIBWRAP NAMEINARGS"},
    "user": {"user": "alice"}, "user of number": {"user": "1234"},
    "user of known number": {"user": "1000"},
    "user of number and groups": {"user": "1000", "groups": "yes"},
    "user and group": {"user": "alice", "group": "daemon"},
    "group of number": {"user": "alice", "group": "4321"},
    "unknown user": {"user": "nosuch"}, "unknown group": {"group": "nosuch"},
    "user of case": {"user": "Nobody"},
    "no user": {"user": None}, "group": {"group": "daemon"},
    "groups": {"user": "alice", "groups": "yes"},
    "groups and group": {"user": "alice", "group": "daemon", "groups": "yes"},
    "no groups": {"user": "alice", "groups": "no"},
    "root": {"user": "root"}, "root of groups": {"user": "root",
                                                 "groups": "yes"},
    "umask": {"umask": "077"}, "umask 0": {"umask": "0"},
    "umask 0007": {"umask": "0007"}, "umask 8": {"umask": "8"},
    "umask 1777": {"umask": "1777"}, "umask 0x1": {"umask": "0x1"},
    "nice": {"nice": "5"}, "nice down": {"nice": "-5"},
    "nice too much": {"nice": "25"}, "nice nothing": {"nice": "x"},
    "nice 1.5": {"nice": "1.5"}, "nice +3": {"nice": "+3"},
    "env": {"env": "A=1 B=two"}, "env twice": {"env": "A=1", "env.": "B=2"},
    "env added": {"env": "A=1", "env. +=": "B=2 A=3"},
    "env removed": {"env": "A=1 B=2", "env. -=": "A"},
    "env without value": {"env": "A= B=x=y"}, "env of no name": {"env": "x"},
    "env quoted": {"env": "A='x y'"},
    "env over passed": {"env": "KEPT=other PATH=/bin"},
    "env REMOTE_HOST": {"env": "REMOTE_HOST=me"},
    "passenv": {"passenv": "KEPT NOSUCH PATH"},
    "passenv without PATH": {"passenv": "KEPT"},
    "passenv nothing": {"passenv": ""},
    "passenv and env": {"passenv": "PATH", "env": "A=1"},
    "passenv added": {"passenv": "PATH", "passenv. +=": "HOME"},
    "passenv removed": {"passenv": "PATH HOME", "passenv. -=": "HOME"},
    "NODELAY and KEEPALIVE": {"flags": "IPv4 NOLIBWRAP NODELAY KEEPALIVE"},
    "REUSE and NORETRY": {"flags": "IPv4 NOLIBWRAP REUSE NORETRY"},
    "unknown flag": {"flags": "IPv4 NOLIBWRAP FROB"},
    "server missing": {"server": "/nonexistent"},
    "server is a folder": {"server": "/usr"},
    "server cannot be run": {"server": "/etc/passwd"},
    "server with arguments": {"server": "/usr/local/bin/probe -x"},
    "relative server": {"server": "bin/echo"}, "no server": {"server": None},
    "IPv4 client of both families": {"flags": "NOLIBWRAP"},
}.items()]
SERVERS += [
    Case("IPv6 client", PROBE | {"flags": "IPv6 NOLIBWRAP"},
         lambda port: state(ask(port, host="::1")))]
SERVERS += [
    Case(f"{name} = {value}", {"server": "/bin/cat", name: value,
                               "server_args": "/proc/self/limits"})
    for name, value in (
        ("rlimit_as", "512M"), ("rlimit_cpu", "20"), ("rlimit_data", "64M"),
        ("rlimit_rss", "1024K"), ("rlimit_stack", "2097152"),
        ("rlimit_files", "77"), ("rlimit_files", "1K"),
        ("rlimit_as", "UNLIMITED"), ("rlimit_cpu", "unlimited"),
        ("rlimit_cpu", "20 # s"), ("rlimit_as", "lots"), ("rlimit_as", "-1"),
        ("rlimit_as", "4G"), ("rlimit_as", "512m"))]


# Other attributes, good and bad.

ATTRIBUTES = [Case(f"{name} = {value}", {name: value}) for name, value in (
    ("frobnicate", "1"), ("port.", "19999"), ("server.", "/bin/cat"),
    ("disable", "yes"), ("disable", "no"), ("disable", "maybe"),
    ("disable", "NO"), ("disable", "Yes"), ("DISABLE", "yes"),
    ("disable", "yes # for now"), ("wait", "NO"), ("wait", "maybe"),
    ("wait", "no # really"), ("wait", None), ("protocol", None),
    ("socket_type", None), ("protocol", "udp"), ("socket_type", "dgram"),
    ("protocol", "frob"), ("socket_type", "frob"), ("protocol", "tcp6"),
    ("socket_type", "STREAM"), ("protocol", "TCP"), ("type", "unlisted"),
    ("type", "UNLISTED FROB"), ("type", "UNLISTED INTERNAL"), ("type", None),
    ("flags", "ipv4 nolibwrap"), ("port", None), ("port", "0"),
    ("port", "70000"), ("port", "-1"), ("Port", "1"), ("instances", "0"),
    ("instances", "many"), ("instances", "unlimited"), ("instances", "+3"),
    ("instances", "3x"), ("per_source", "0"), ("per_source", "10 # ten"),
    ("per_source", "010"), ("cps", "10"), ("cps", "0 10"), ("cps", "a b"),
    ("cps", "10.5 1"), ("max_load", "0"), ("max_load", "900.5"),
    ("max_load", "x"), ("max_load", "1.5e2"), ("max_load", "0.000001"),
    ("user +=", "nobody"), ("umask -=", "022"), ("umask", ""),
    ("umask +=", "022"), ("groups", "YES"), ("groups", "maybe"),
    ("log_on_success", "PID HOST"), ("log_on_success", "pid"),
    ("log_on_success", "FROB"), ("log_on_success", "TRAFFIC"),
    ("log_on_failure", "HOST"), ("log_type", "FROB x"),
    ("log_type", "FILE /tmp/some.log"), ("log_type", "SYSLOG daemon info"),
    ("log_type", "syslog daemon"), ("log_type", "SYSLOG frob"),
    ("log_type", "SYSLOG daemon frob"), ("log_type", "FILE"),
    ("mdns", "yes"), ("libwrap", "frob"), ("deny_time", "NEVER"),
    ("enabled", "x"), ("rpc_version", "1"))]
TO = "20:15-21:00" if time.gmtime().tm_hour < 12 else "3:00-4:00"
NOT = "22:15-23:00" if time.gmtime().tm_hour < 12 else "5:00-6:30"
HOUR = time.gmtime().tm_hour
NOW = f"{max(HOUR - 2, 0)}:00-{min(HOUR + 2, 23)}:59"
BANNERS = {"banner": "/srv/always", "banner_success": "/srv/success",
           "banner_fail": "/srv/fail"}
TIMES = [Case(f"access_times {name}", {"access_times": value} | BANNERS)
         for name, value in {
             "now": NOW, "then": TO, "then or now": f"{TO} {NOW}",
             "neither": f"{TO} {NOT}", "to 24:00": "0:00-24:00",
             "all day": "0:00-23:59", "over midnight": "23:00-1:00",
             "hours": "9-10", "minute 60": "0:00-8:60", "same": "5:00-5:00",
             "hour 25": "0:00-25:00", "digits": "0:0-23:59",
             "comma": "0:00-12:00,12:00-23:59", "blanks": "0:00 - 23:59",
         }.items()]


def with_one_refused(port):
    return [ask(port), ask(port, B)]


LIMITS = [Case(f"{name} alone", {name: value, "no_access": B},
               with_one_refused) for name, value in BANNERS.items()]
LIMITS += [
    Case("all banners", BANNERS | {"no_access": B}, with_one_refused),
    Case("banner that is missing", {"banner": "/srv/none"}),
    Case("banner that is a folder", {"banner": "/srv"}),
    Case("instances", HOLD | {"instances": "2"}, crowd(A, A, A, B)),
    Case("no instances", HOLD | {"instances": "UNLIMITED"}, crowd(A, A, B)),
    Case("per_source", HOLD | {"per_source": "1"}, crowd(A, A, B, B)),
    Case("both", HOLD | {"per_source": "2", "instances": "3"},
         crowd(A, A, A, B, B)),
    Case("banner_fail of instances", HOLD | {"instances": "1"} | BANNERS,
         crowd(A, A, octets=14)),
    Case("cps", {"cps": "2 1"}, lambda port: [ask(port) for _ in range(5)]),
    Case("cps within", {"cps": "20 1"},
         lambda port: [ask(port) for _ in range(5)]),
]


# Sockets.

ALL = at(A, D, B, *V6)
SOCKETS = [
    Case(f"bind {value}", {"bind": value, "flags": "NOLIBWRAP"}, ALL)
    for value in (A, D, "0.0.0.0", "::1", "::", "2001:db8::5", "lo",
                  "friend.example", "10.20.30.40", "nosuch.example",
                  f"{A} {D}")]
SOCKETS += [Case(name, values, ALL) for name, values in {
    "interface": {"interface": D}, "no flags": {"flags": None},
    "IPv4": {"flags": "IPv4"}, "IPv6": {"flags": "IPv6"},
    "IPv4 and IPv6": {"flags": "IPv4 IPv6"},
    "v6only": {"flags": "NOLIBWRAP", "v6only": "yes"},
    "v6only = YES": {"flags": "NOLIBWRAP", "v6only": "YES"},
    "v6only = no": {"flags": "NOLIBWRAP", "v6only": "no"},
    "v6only of IPv4": {"v6only": "yes"},
    "IPv4 on ::1": {"bind": "::1", "flags": "IPv4 NOLIBWRAP"},
    "IPv6 on 127.0.0.1": {"bind": A, "flags": "IPv6 NOLIBWRAP"},
}.items()]


# Redirected, multiplexed, internal, and waiting services.

TARGET, MUX = 19001, 19002
# what stands in the file beside all entries
BESIDE = entry("target", TARGET, {"server": "/bin/cat", "server_args": None})
BESIDE += entry("tcpmux", MUX, NONE | {"type": "INTERNAL UNLISTED",
                                       "user": "root"})
OTHERS = [
    Case(f"redirect {value}", NONE | {"redirect": value} | more, turned_away)
    for value, more in (
        (f"{A} 19009", {}), (f"nosuch.example {TARGET}", {}),
        (f"{A}   {TARGET}", {"only_from": B}))]
OTHERS += [
    Case(f"redirect {value}", NONE | {"redirect": value} | more, few)
    for value, more in (
        (f"{A} {TARGET}", {}), (f"localhost {TARGET}", {}),
        (f"{A} nosuch", {}), (A, {}), (f"{A} 00{TARGET}", {"wait": "yes"}),
        (f"{A}  {TARGET}", {"server": "/bin/echo"}),
        (f"{A}    {TARGET}", {"user": None}))]


def mux(name, values, *clients, ask_for=None, kind="TCPMUX UNLISTED"):
    line = f"{ask_for or name}\r\n".encode()
    return Case(f"tcpmux {name}", {"type": kind, "port": None} | values,
                lambda _: [ask(MUX, client, data=line)
                           for client in clients or (A,)], name)


OTHERS += [
    mux("muxplain", {}), mux("muxcase", {}, ask_for="MUXCASE"),
    mux("muxplus", {}, kind="TCPMUXPLUS UNLISTED"),
    mux("muxaccess", {"only_from": B}, A, B),
    mux("muxdisabled", {"disable": "yes"}), mux("muxbanner", BANNERS),
    mux("muxlisted", {}, kind="TCPMUX"), mux("muxtimes", {
        "access_times": TO}), mux("muxnothing", {}, ask_for=" "),
    mux("muxunknown", {}, ask_for="nosuch")]
INTERNAL = NONE | {"type": "INTERNAL UNLISTED", "user": "root"}
UDP = {"socket_type": "dgram", "protocol": "udp", "wait": "yes"}


def internal(name, client, of="", service="echo", **values):
    id = f"{name}{of}".replace(" ", "-")
    return Case(f"internal {name}{of}", INTERNAL | {"id": id} | values,
                client, service)


def abc(port):
    return ask(port, data=b"abc")


def page(port):
    """What the page says when the clients of the cases before are gone."""
    answers = []
    wait_for(lambda: answers.append(abc(port)) or answers[-1] in (
        "", REFUSED), what="an empty page")
    return answers[-1]


def lengths(text):
    return sorted(len(word) for word in text.split())


for name, tcp, udp in (
        ("echo", abc, lambda p: ask_udp(p, data=b"abc")),
        ("discard", abc, lambda p: ask_udp(p, timeout=0.1)),
        ("daytime", lambda p: lengths(ask(p)), lambda p: lengths(ask_udp(p))),
        ("time", lambda p: len(connected(p).recv(10)),
         lambda p: len(ask_udp(p)) > 3),
        ("chargen", lambda p: connected(p).recv(3).decode(),
         lambda p: len(ask_udp(p)) > 0),
        ("servers", page, abc), ("services", abc, abc), ("nosuch", abc, abc)):
    OTHERS += [internal(name, tcp, service=name),
               internal(name, udp, " of datagrams", name, **UDP)]
OTHERS += [
    internal("with access", with_one_refused, only_from=B),
    internal("with banners", abc, **BANNERS),
    internal("with times", abc, **BANNERS, access_times=TO),
    internal("without user", abc, user=None),
    internal("datagrams of nowait", ask_udp, **UDP | {"wait": "no"}),
    internal("datagrams with access", lambda port: [
        ask_udp(port, timeout=0.1), ask_udp(port, B, B)], only_from=B, **UDP),
    Case("datagram", PROBE | UDP, lambda port: state(ask_udp(port))),
    Case("datagram with access", PROBE | UDP | {"only_from": B},
         lambda port: [ask_udp(port, timeout=0.1), *state(ask_udp(port, B,
                                                                  B))]),
    Case("datagram with times", PROBE | UDP | {"access_times": TO},
         lambda port: ask_udp(port, timeout=0.1)),
    Case("datagram of nowait", PROBE | UDP | {"wait": "no"},
         lambda port: state(ask_udp(port))),
    Case("stream that waits", PROBE | {"wait": "yes"}, probed),
    Case("stream that waits with access", PROBE | {
        "wait": "yes", "only_from": B}, lambda port: probed(port, B)),
]

CASES = ACCESS + SERVERS + ATTRIBUTES + TIMES + LIMITS + SOCKETS + OTHERS


# Whole files.

ONE, TWO, THREE, FOUR = 20001, 20002, 20003, 20004


def ports(_):
    """Which of the four ports serve each of two clients."""
    return [[port for port in (ONE, TWO, THREE, FOUR)
             if ask(port, source) == "served\n"] for source in (A, B)]


def hosts(*addresses):
    """Each of two services, at these addresses."""
    return lambda _: [ask(port, host=host) for port in (ONE, TWO)
                      for host in addresses]


def one(**values):
    return entry("one", ONE, values)


def two(**values):
    return entry("two", TWO, values)


ENTRIES = one() + two() + entry("three", THREE)
FILES = [Case(name, text, ports) for name, text in {
    # defaults that a service adds to, and takes from
    **{f"defaults {name}": defaults({name: A}) + one() + two(**{name: B}) +
       entry("three", THREE, {f"{name} +=": B}) +
       entry("four", FOUR, {f"{name} -=": A})
       for name in ("only_from", "no_access")},
    "defaults of another list": defaults({"only_from": f"{A} {B}"}) +
    one(no_access=A),
    "defaults emptied": defaults({"only_from": A}) + one(only_from=""),
    "defaults of nobody": defaults({"only_from": ""}) + one() +
    two(**{"only_from +=": A}),
    "defaults line twice": defaults({"only_from": A, "only_from.": B}) +
    one(),
    "defaults taken back": defaults({"only_from": f"{A} {B}",
                                     "only_from. -=": B}) + one(),
    "defaults behind": one() + defaults({"only_from": B}) + two(),
    "defaults twice": defaults({"only_from": A}) +
    defaults({"only_from": B}) + one(),
    "defaults of a service's": defaults({
        "user": "root", "port": "5", "frob": "x", "disable": "yes",
        "only_from": A}) + one(),
    "defaults of case": defaults({"ONLY_FROM": B}).replace("d", "D", 1) +
    one(),
    "defaults max_load": defaults({"max_load": "0.000001"}) + one(),
    "defaults of bad umask": defaults({"umask": "999"}) + one(),
    "defaults of bad address": defaults({"only_from": "10.0.0.256"}) + one(),
    "defaults of bad number": defaults({"instances": "x"}) + one(),
    "defaults unclosed": defaults({"only_from": B}).rstrip("}\n") + "\n" +
    one(),
    "defaults of one line": f"defaults {{ only_from = {B} }}\n" + one(),
    # which entries run
    "enabled": defaults({"enabled": "one three"}) + one() + two() +
    entry("three", THREE, {"disable": "yes"}),
    "disabled": defaults({"disabled": "one three"}) + ENTRIES,
    "enabled and disabled": defaults({"enabled": "one two",
                                      "disabled": "two four"}) + ENTRIES,
    "enabled by id": defaults({"enabled": "x"}) + one(id="x") +
    entry("x", TWO, {"id": "y"}),
    "enabled of case": defaults({"enabled": "ONE"}) + ENTRIES,
    "disabled of case": defaults({"disabled": "ONE"}) + ENTRIES,
    "enabled nothing": defaults({"enabled": ""}) + ENTRIES,
    "disabled nothing": defaults({"disabled": ""}) + ENTRIES,
    "enabled behind": ENTRIES + defaults({"enabled": "two"}),
    "disabled behind": ENTRIES + defaults({"disabled": "two"}),
    "enabled added": defaults({"enabled": "one", "enabled. +=": "two"}) +
    ENTRIES,
    "disabled taken back": defaults({"disabled": "one two",
                                     "disabled. -=": "two"}) + ENTRIES,
    # names and ids
    "id twice": one(id="x") + two(id="x"),
    "name twice": one() + entry("one", TWO),
    "name twice, once disabled": one(disable="yes") + entry("one", TWO),
    # text
    "text empty": "", "text of a comment": "# x\n\n   # y\n" + one(),
    "text of CRLF": one().replace("\n", "\r\n"),
    "text without last newline": one().rstrip("\n"),
    "text of a BOM": "\ufeff" + one(),
    "text of other blanks": one().replace("\t", "\f\v "),
    "text with lines between": one().replace("\n{", "\n\n# x\n\n{"),
    "text of Latin-1": one(env="A=\udce4"),
    "text in long lines": one(env="A=" + "x" * 4000) + two(
        env=" ".join(f"A{i}=x" for i in range(500))),
    "text in capitals": one().replace("service", "Service"),
    "brace behind the name": "# x\n" + one().replace("\n{", " {") + two(),
    "attribute behind {": one().replace("{\n\t", "{ ") + two(),
    "} behind an attribute": one().replace("\n}", " }") + two(),
    "words behind }": one().replace("}\n", "} end\n") + two(),
    "comment behind {": one().replace("{\n", "{ # x\n") + two(),
    "no }": one().replace("}\n", "") + two(),
    "no } at the end": one() + two().replace("}\n", ""),
    "no {": one().replace("{\n", "") + two(), "no name": entry("", ONE) +
    two(), "two }": one() + "}\n" + two(),
    "words behind the name": entry("one two", ONE) + two(),
    "junk before": "frobnicate\n" + one(), "junk behind": one() + "frob\n",
    "junk within": one().replace("\twait", "\tfrob\n\twait") + two(),
    "no blank": one().replace("port =", "port=") + two(),
    "no blank at all": one().replace("port = ", "port=") + two(),
    "no blank behind": one().replace("port = ", "port =") + two(),
    "no operator": one().replace("wait =", "wait") + two(),
    "unknown operator": one().replace("wait =", "wait :=") + two(),
    "no value": one().replace("wait = no", "wait =") + two(),
    "semicolon": one().replace("wait = no", "wait = no;") + two(),
    "backslash": one().replace("wait = no", "wait = \\\n no") + two(),
    "junk in a disabled entry": one().replace(
        "{\n", "{\n disable = yes\n frob\n port=1\n only_from = 1.2.3\n") +
    two(),
    # includes
    "includedir": "includedir /srv/inc\n",
    "includedir with a slash": "includedir /srv/inc/\n",
    "includedir behind defaults": defaults({"only_from": B}) +
    "includedir /srv/inc\n",
    "includedir missing": one() + "includedir /srv/none\n",
    "includedir of a file": one() + "includedir /srv/inc/b1\n",
    "includedir of nothing": one() + "includedir\n",
    "includedir twice": "includedir /srv/inc\n" * 2,
    "include": "include /srv/inc/b1\n" + one(),
    "include missing": one() + "include /srv/none\n" + two(),
    "include of two": "include /srv/inc/b1 /srv/inc/c1\n" + one(),
    "include of a folder": one() + "include /srv/inc\n",
    "include within": one().replace("}", " include /srv/inc/b1\n}"),
    "include of defaults": "include /srv/defaults\n" + one(),
    "include beside defaults": defaults({"only_from": A}) +
    "include /srv/defaults\n" + one(),
}.items()]
FILES += [Case(name, text, client) for name, text, client in (
    ("defaults of a process", defaults({
        "umask": "077", "groups": "yes", "passenv": "PATH"}) + one(
            user="alice", **PROBE) + two(user="alice", umask="002",
                                         groups="no", **PROBE,
                                         **{"passenv +=": "HOME"}),
     lambda _: probed(ONE) + probed(TWO)),
    ("defaults umask twice", defaults({"umask": "077", "umask.": "027"}) +
     one(**PROBE), lambda _: probed(ONE)),
    ("defaults bind", defaults({"bind": D}) + one() + two(bind=A),
     hosts(A, D)),
    ("defaults v6only", defaults({"v6only": "yes"}) + one(flags=None) +
     two(flags=None, v6only="no"), hosts(A, "::1")),
    ("defaults v6only = no", defaults({"v6only": "no"}) + one(flags=None),
     hosts(A, "::1")),
    ("defaults instances", defaults({"instances": "1"}) + one(**HOLD) +
     two(instances="2", **HOLD),
     lambda _: [crowd(A, A, A)(ONE), crowd(A, A, A)(TWO)]),
    ("defaults banner", defaults(BANNERS | {"no_access": B}) + one() +
     two(banner="/srv/success"),
     lambda _: [ask(port, client) for port in (ONE, TWO)
                for client in (A, B)]),
    ("port twice", one() + entry("two", ONE, {"server_args": "other"}),
     hosts(A)),
    ("port twice, bound", one(bind=A) + entry(
        "two", ONE, {"server_args": "other", "bind": A}), hosts(A)),
    ("port of two addresses", one(bind=A) + entry(
        "two", ONE, {"server_args": "other", "bind": D}), hosts(A, D)),
    ("port of two families", one() + entry(
        "two", ONE, {"server_args": "other", "flags": "IPv6 NOLIBWRAP",
                     "v6only": "yes"}), hosts(A, "::1")),
    *((f"listed service {name} {port}", entry(name, port, {"type": None}),
       lambda _: [ask(number) for number in (79, 113, 7979)])
      for name, port in (("finger", None), ("finger", 79), ("finger", 7979),
                         ("ident", None), ("79", None))),
    ("unlisted service of a known name", entry("finger", ONE),
     lambda _: [ask(79), ask(ONE)]),
)]
FOLDER = {"b1": two(), "c1": entry("three", THREE), "sub/one": one(),
          "a": two(server_args="first"), "#d#": "",
          **dict.fromkeys(("c1.bak", "c1~", ".c1", "x.rpmnew"), one())}


# Where superd does otherwise: why, and what both do.

def both(xinetd, superd):
    return lambda x, s: (x, s) == (xinetd, superd)


def everybody_of(socket, *more):
    """Of the clients A, B and those of IPv6, at such a socket."""
    six = list(V6) if socket == "dual" else [f"{one} {REFUSED}" for one in V6]
    return [*more, *six]


def without(start):
    """superd's server is told the same, but for lines that begin so."""
    return lambda x, s: x != s and \
        [line for line in x if not line.startswith(start)] == s


def argv(xinetd, superd, name="probe"):
    """Arguments behind the name; None for neither."""
    def found(state):
        return [line[5:] for line in state if line.startswith("argv ")]
    return lambda x, s: found(s) == [name, *superd] and found(x) == (
        [""] if xinetd is None else [name, *xinetd])


def only(**lines):
    """The same but for these lines: (xinetd's, superd's)"""
    def other(value, which):
        return [line for line in value
                if line.split(" ")[0] not in lines] + \
            [f"{key} {pair[which]}" for key, pair in sorted(lines.items())]
    return lambda x, s: other(x, 1) == other(s, 1) and \
        all(f"{key} {pair[0]}" in x and f"{key} {pair[1]}" in s
            for key, pair in lines.items())


def added(line):
    """superd's server is told this line, too."""
    return lambda x, s: line not in x and sorted([*x, line]) == sorted(s)


STRICT = "an attribute that cannot be read closes its entry"
EXTRA = "it is understood"
COMMENT = "what begins with # is a comment"
PREFIX = "a prefix is one"
ZEROS = "what keeps out :: keeps out all of IPv6"
UNMAPPED = "an IPv4 client has an IPv4 address"
SAFE_PATH = "a shell would look into its working directory"
MUX_TEXT = "other words"
NO_MUX = "-Service not available\r\n"
SERVED = "served\n"
PAGES = "xinetd had these pages once, and has none now"
DIFFERS = {
    **{f"only_from {value}": (STRICT, both([], REFUSED))
       for value in NO_ADDRESSES},
    **{f"no_access {value}": (STRICT, both(EVERYBODY, REFUSED))
       for value in NO_ADDRESSES},
    "only_from 192.168.{1,300}": (STRICT, both([B], REFUSED)),
    "no_access 192.168.{1,300}": (STRICT, both([A, C, D], REFUSED)),
    "only_from 127.0.0.1/-1": (STRICT, both([A], REFUSED)),
    "no_access 127.0.0.1/-1": (STRICT, both([B, C, D], REFUSED)),
    "only_from loopback": (
        "a network is found by its name", both([], [A])),
    "no_access loopback": (
        "a network is found by its name", both(EVERYBODY, [B, C, D])),
    # 10.9.9.1 has no name
    **{f"no_access {value}": (
        "a client whose name is unknown may be the one that is shut out",
        both(those, [client for client in those if client != D]))
       for value, those in (
           ("localhost", [B, C, D]), ("friend.example", [A, C, D]),
           ("FRIEND.Example", [A, C, D]), (".example", [A, D]),
           ("example", EVERYBODY), ("nosuch.example", EVERYBODY),
           ("ALL", EVERYBODY))},
    f"only_from {B} no_access 192.168.0.0": (
        "the better match decides", both([], [B])),
    "only_from factor removed": (
        "one address of several is not taken away", both([C], REFUSED)),
    "only_from with commas": (EXTRA, both(REFUSED, [A, B])),
    # IPv6
    "dual only_from ::1/128": (PREFIX, both([], ["::1"])),
    "dual no_access ::1/128": (PREFIX, both([A, B, *V6], [A, B, V6[1]])),
    "dual no_access ::": (ZEROS, both([A, B, *V6], [A, B])),
    "dual only_from localhost": (UNMAPPED, both(["::1"], [A, "::1"])),
    "dual no_access localhost": (UNMAPPED, both([A, B, V6[1]], [B])),
    **{f"IPv4 only_from {value}": (
        UNMAPPED, both(everybody_of("IPv4"), everybody_of("IPv4", *those)))
       for value, those in (("::ffff:127.0.0.1", [A]), (
           "::ffff:0:0/96", [A, B]), ("::ffff:192.168.0.0/112", [B]))},
    **{f"IPv4 no_access {value}": (
        UNMAPPED, both(everybody_of("IPv4", A, B),
                       everybody_of("IPv4", *those)))
       for value, those in (("::ffff:127.0.0.1", [B]), (
           "::ffff:0:0/96", []), ("::ffff:192.168.0.0/112", [A]))},
    # servers
    "quoted arguments": ("quotes group words", argv(
        ["'a", "b'", '"c', 'd"', "e'f"], ["a b", "c d", "e'f"])),
    "comment behind arguments": (COMMENT, argv(["a", "#", "b"], ["a"])),
    "argument like a comment": (COMMENT, argv(["a#b", "#c"], ["a#b"])),
    "arguments added": (EXTRA, argv(["a"], ["a", "b"])),
    "NAMEINARGS behind": ("the order of lines means nothing",
                          argv(None, ["-x"], "name")),
    "nice down": ("xinetd has no right to it by then",
                  only(nice=(str(os.nice(0)), str(os.nice(0) - 5)))),
    "env quoted": ("quotes group words", lambda x, s: x == [REFUSED] and
                   "env A=x y" in s),
    "passenv without PATH": (SAFE_PATH, added(PATH)),
    "passenv nothing": (SAFE_PATH, added(PATH)),
    "server missing": ("it may be there later", both([REFUSED], [])),
    "server cannot be run": ("it may be later", both([REFUSED], [])),
    "relative server": ("it would be one of /", both([""], [REFUSED])),
    "IPv4 client of both families": (UNMAPPED, lambda x, s: [
        line.replace("::ffff:", "").replace("family=10", "family=2")
        for line in x] == s and x != s),
    "rlimit_cpu = 20 # s": (COMMENT, lambda x, s: [
        line.split() for line in x.splitlines()
        if "cpu" in line] == [["Max", "cpu", "time", "unlimited",
                               "unlimited", "seconds"]] and
        "Max cpu time              20 " in s),
    "rlimit_as = -1": (STRICT, lambda x, s: "unlimited" in x and
                       s == REFUSED),
    "rlimit_as = 4G": (EXTRA, lambda x, s: x == REFUSED and
                       " 4294967296 " in s),
    # attributes
    "disable = yes # for now": (COMMENT, both(SERVED, REFUSED)),
    "wait = no # really": (COMMENT, both(REFUSED, SERVED)),
    "protocol = tcp6": (EXTRA, both(REFUSED, SERVED)),
    "type = None": ("a port is enough", both(REFUSED, SERVED)),
    "instances = 0": (STRICT, both("", REFUSED)),
    "instances = +3": (STRICT, both(SERVED, REFUSED)),
    "per_source = 0": (STRICT, both("", REFUSED)),
    "cps = 10": (STRICT, both(SERVED, REFUSED)),
    "umask -= = 022": (STRICT, both(SERVED, REFUSED)),
    "umask = ": (STRICT, both(SERVED, REFUSED)),
    "log_on_success = TRAFFIC": (EXTRA, both(REFUSED, SERVED)),
    "access_times to 24:00": ("the end of the day", both(
        REFUSED, "always\nsuccess\nserved\n")),
    "cps": ("clients above it wait", both(
        [SERVED, SERVED, "", REFUSED, REFUSED], [SERVED] * 5)),
    # sockets
    f"bind {A} {D}": (STRICT, both([SERVED] * 5, [REFUSED] * 5)),
    "v6only = no": ("no means no", both(
        [REFUSED] * 3 + [SERVED] * 2, [SERVED] * 5)),
    "IPv4 on ::1": (STRICT, both(
        [SERVED] * 3 + [REFUSED] * 2, [REFUSED] * 5)),
    # others
    f"redirect {A}    {TARGET}": ("it needs no user", both(REFUSED, "abc")),
    "tcpmux muxplus": (MUX_TEXT, both(["+Go\r\n\0served\n"],
                                      ["+Go\r\nserved\n"])),
    "tcpmux muxaccess": (MUX_TEXT, both(["", SERVED], [NO_MUX, SERVED])),
    "tcpmux muxtimes": ("access_times are kept", both([SERVED], [NO_MUX])),
    **{f"tcpmux {name}": (MUX_TEXT, both(
        ["-Service name not found\r\n\0"], [NO_MUX]))
       for name in ("muxdisabled", "muxlisted", "muxnothing", "muxunknown")},
    "internal servers": (PAGES, lambda x, s: x == REFUSED and s == ""),
    "internal services": (PAGES, lambda x, s: x == REFUSED and
                          "daytime tcp " in s),
    "internal chargen": ("as RFC 864", both("!\"#", " !\"")),
    "datagram of nowait": ("it would start servers without end",
                           lambda x, s: "end" in x and "refused" in s[0]),
    "stream that waits": ("nobody's address is none",
                          without("env REMOTE_HOST=<no address>")),
    "stream that waits with access": (
        "the kernel checks its clients", lambda xinetd, superd:
        not xinetd and "argv probe" in superd),
    # files
    "defaults behind": ("defaults hold for all", both(
        [[ONE], [ONE, TWO]], [[], [ONE, TWO]])),
    "disabled taken back": ("-= takes away", both(
        [[THREE]] * 2, [[TWO, THREE]] * 2)),
    "defaults v6only": ("no means no", both(
        [SERVED, SERVED, REFUSED, SERVED],
        [REFUSED, SERVED, SERVED, SERVED])),
    **{name: (EXTRA, both([[]] * 2, [[ONE]] * 2))
       for name in ("text of CRLF", "text of a BOM")},
    **{name: (EXTRA, both([[TWO]] * 2, [[ONE, TWO]] * 2))
       for name in ("brace behind the name", "comment behind {", "no blank",
                    "no blank at all")},
    "include of two": (STRICT, both([[ONE, TWO]] * 2, [[ONE]] * 2)),
    "listed service 79 None": (EXTRA, both([REFUSED] * 3, [
        SERVED, REFUSED, REFUSED])),
}
