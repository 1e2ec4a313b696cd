"""How each program is told to do the same work: superd, its peers, floors.

A service is ("hello", port), ("answer", port), ("daytime",), ("echo",),
("udpecho",) or ("redirect", port, target port, address).  Everybody runs the
same programs as nobody, with a backlog of 128 where it can be set, with
limits and rates off and without a log of connections.
"""

import itertools
import os

import place
from daemon import Daemon, free_address

BACKLOG = "128"
NOBODY = "65534"
# a minute, of openbsd-inetd: -R 0 is its default of 256
RATE = "10000000"
HELLO, ANSWER = place.BENCH / "hello", place.BENCH / "answer"
INTERNAL = {"daytime": ("daytime", "stream", "tcp"),
            "echo": ("echo", "stream", "tcp"),
            "udpecho": ("echo", "dgram", "udp")}
PORTS = {"daytime": 13, "echo": 7, "udpecho": 7}
files = itertools.count(1)


def write(text, suffix="conf"):
    path = place.WORK / f"{next(files)}.{suffix}"
    path.write_text(text)
    return str(path)


def port_of(service):
    return PORTS.get(service[0]) or service[1]


def protocol_of(service):
    return "udp" if service[0] in ("answer", "udpecho") else "tcp"


# inetd.conf, of superd, openbsd-inetd and busybox.

def inetd_line(service, address):
    if service[0] == "hello":
        return f"{address}:{service[1]} stream tcp nowait nobody {HELLO} hello"
    if service[0] == "answer":
        return f"{address}:{service[1]} dgram udp wait nobody {ANSWER} answer"
    name, kind, protocol = INTERNAL[service[0]]
    wait = "wait" if kind == "dgram" else "nowait"
    return f"{address}:{name} {kind} {protocol} {wait} root internal"


def inetd_conf(services, address):
    return write("".join(inetd_line(service, address) + "\n"
                         for service in services))


# superd.conf, for what inetd.conf has no words.

PROXIED = ["proxy_protocol = {v1}", 'proxy_from = {"0.0.0.0/0"}']


def superd_block(service, address, prefixes, proxied):
    lines = [f"listen = {{\"{address}:{port_of(service)}\"}}"]
    if service[0] == "hello":
        lines += [f"server = \"{HELLO}\"", "user = nobody"]
    elif service[0] == "redirect":
        lines += [f"redirect = {{\"{service[3]}\", {service[2]}}}"]
    else:
        lines += [f"internal = {INTERNAL[service[0]][0]}"]
    if prefixes:
        lines += [f"only_from = {{{', '.join(prefixes)}}}"]
    lines += PROXIED if proxied else []
    body = "".join(f"\t{line}\n" for line in lines)
    return f"service \"{service[0]}-{port_of(service)}\" {{\n{body}}}\n"


def superd_conf(services, address, prefixes=(), proxied=False, more=""):
    return write("".join(superd_block(service, address, prefixes, proxied)
                         for service in services) + more)


# xinetd.conf.

XINETD_DEFAULTS = """defaults
{
	instances = UNLIMITED
	per_source = UNLIMITED
	cps = 10000000 1
	log_type = FILE /dev/null
	log_on_success =
	log_on_failure =
}
"""


def xinetd_block(service, address, prefixes):
    kind = "dgram" if protocol_of(service) == "udp" else "stream"
    name = INTERNAL[service[0]][0] if service[0] in INTERNAL else "bench"
    lines = ["id = " + f"{service[0]}-{port_of(service)}",
             f"socket_type = {kind}", f"protocol = {protocol_of(service)}",
             f"wait = {'yes' if kind == 'dgram' else 'no'}",
             f"bind = {address}", f"port = {port_of(service)}",
             f"user = {'root' if service[0] in INTERNAL else 'nobody'}"]
    if service[0] in INTERNAL:
        lines += ["type = INTERNAL UNLISTED"]
    else:
        lines += ["type = UNLISTED"]
    if service[0] == "redirect":
        lines += [f"redirect = {service[3]} {service[2]}"]
    elif service[0] in ("hello", "answer"):
        lines += [f"server = {HELLO if service[0] == 'hello' else ANSWER}"]
    # it reads no line of any length
    lines += [f"only_from += {' '.join(prefixes[i:i + 50])}"
              for i in range(0, len(prefixes), 50)]
    body = "".join(f"\t{line}\n" for line in lines)
    return f"service {name}\n{{\n{body}}}\n"


def xinetd_conf(services, address, prefixes=()):
    return write(XINETD_DEFAULTS + "".join(
        xinetd_block(service, address, prefixes) for service in services))


# Who can be started, and how.

def launch(name, number, address, argv, services, preload=None, wait=True,
           **more):
    daemon = Daemon(name, number, address, [str(word) for word in argv],
                    preload=preload, **more)
    if wait:
        daemon.wait_bound(port_of(services[-1]), protocol_of(services[-1]))
    return daemon


def control_of(number):
    return place.WORK / f"{number}.control"


def superd_argv(number, conf, options=()):
    return [place.SUPERD, "-F", "-p", "none", "--control", control_of(number),
            "-R", "0", "-q", BACKLOG, *options, conf]


def superd(services, preload=None, wait=True, prefixes=(), blocks=False,
           proxied=False, wrapper=(), more="", options=()):
    number, address = free_address()
    conf = superd_conf(services, address, prefixes, proxied, more) \
        if blocks or proxied or prefixes or services[0][0] == "redirect" \
        else inetd_conf(services, address)
    daemon = launch("superd", number, address,
                    [*wrapper, *superd_argv(number, conf, options)], services,
                    preload, wait)
    daemon.control = control_of(number)
    return daemon


def xinetd(services, preload=None, wait=True, prefixes=(), wrapper=()):
    number, address = free_address()
    conf = xinetd_conf(services, address, prefixes)
    return launch("xinetd", number, address,
                  [*wrapper, place.ROOT / "usr/sbin/xinetd", "-dontfork",
                   "-pidfile", place.WORK / f"{number}.pid", "-f", conf],
                  services, preload, wait)


def openbsd_inetd(services, preload=None, wait=True, wrapper=()):
    number, address = free_address()
    return launch("openbsd-inetd", number, address,
                  [*wrapper, place.ROOT / "usr/sbin/inetd", "-i", "-R", RATE,
                   "-q", BACKLOG, inetd_conf(services, address)], services,
                  preload, wait)


def busybox(services, preload=None, wait=True, wrapper=()):
    number, address = free_address()
    return launch("busybox", number, address,
                  [*wrapper, place.ROOT / "busybox/inetd", "-f", "-e", "-R",
                   "0", "-q", BACKLOG, inetd_conf(services, address)],
                  services, preload, wait)


def tcpserver(services, preload=None, wait=True, wrapper=()):
    """It changes its user once, not for each connection."""
    number, address = free_address()
    return launch("tcpserver", number, address,
                  [*wrapper, place.ROOT / "usr/bin/tcpserver", "-HRl0",
                   "-c", "10000", "-b", BACKLOG, "-u", NOBODY, "-g", NOBODY,
                   address, services[0][1], HELLO], services, preload, wait)


HAPROXY = """global
	maxconn 4000
	nbthread 1
defaults
	mode tcp
	timeout connect 5s
	timeout client 60s
	timeout server 60s
"""


def haproxy(services):
    number, address = free_address()
    text = HAPROXY
    for service in services:
        text += (f"listen l{service[1]}\n"
                 f"\tbind {address}:{service[1]} backlog {BACKLOG}\n"
                 f"\tserver s {service[3]}:{service[2]}\n")
    return launch("haproxy", number, address,
                  [place.ROOT / "usr/sbin/haproxy", "-db", "-q", "-f",
                   write(text, "cfg")], services)


def socat(services):
    """One process for each port: the last one."""
    number, address = free_address()
    _, port, target, backend = services[-1]
    return launch("socat", number, address,
                  [place.ROOT / "usr/bin/socat",
                   f"TCP4-LISTEN:{port},bind={address},fork,reuseaddr,"
                   f"backlog={BACKLOG}", f"TCP4:{backend}:{target}"],
                  services)


# Floors, and what is behind a redirect.

def floor(program, services, *arguments, wrapper=()):
    number, address = free_address()
    service = services[0]
    return launch("floor", number, address,
                  [*wrapper, place.BENCH / program, address,
                   port_of(service), *arguments], services)


def floor_exec(services, wrapper=()):
    return floor("floor_exec", services, HELLO, wrapper=wrapper)


def floor_session(services):
    """The same with setsid(2), as superd and most peers have it: with
    autogroups of the scheduler it is the dearest of a child's calls."""
    daemon = floor("floor_exec", services, HELLO, "session")
    daemon.name = "floor with setsid"
    return daemon


def floor_answer(services):
    return floor("floor_answer", services)


def floor_wait(services):
    return floor("floor_wait", services, ANSWER)


def floor_datagram(services):
    return floor("floor_datagram", services)


PROGRAMS = {superd: place.SUPERD,
            xinetd: place.ROOT / "usr/sbin/xinetd",
            openbsd_inetd: place.ROOT / "usr/sbin/inetd",
            busybox: place.ROOT / "busybox/inetd",
            tcpserver: place.ROOT / "usr/bin/tcpserver",
            haproxy: place.ROOT / "usr/sbin/haproxy",
            socat: place.ROOT / "usr/bin/socat"}


def exists(peer):
    return peer not in PROGRAMS or os.access(PROGRAMS[peer], os.X_OK)


def missing():
    """The reasons of those that are not there."""
    return {path.stem: path.read_text().strip()
            for path in sorted(place.ROOT.glob("*.why"))}
