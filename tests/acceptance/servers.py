"""The lines and stanzas under which Debian's servers run."""

import typing

import clients
import pytest
from daemon import DIALECTS, differs


class Server(typing.NamedTuple):
    row: str
    port: str                           # or None: the kernel chooses
    client: typing.Callable             # raises, or the server works
    inetd: str
    xinetd: str
    cwd: str = "/"
    marks: tuple = ()

    def text(self, dialect):
        return self.inetd if dialect == "inetd" else self.xinetd


SERVERS = {
    "ftpd": Server(
        "A1", "tcp/21", clients.ftp,
        "ftp stream tcp nowait root /usr/sbin/ftpd ftpd -l\n", """
service ftp
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= root
	server		= /usr/sbin/ftpd
	server_args	= -l
}
"""),
    "telnetd": Server(
        "A2", "tcp/23", clients.telnet,
        "telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/telnetd\n", """
service telnet
{
	flags		= NAMEINARGS
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= root
	server		= /usr/sbin/tcpd
	server_args	= /usr/sbin/telnetd
}
"""),
    "fingerd": Server(
        "A3", "tcp/79", clients.finger,
        "finger stream tcp nowait nobody /usr/sbin/tcpd "
        "/usr/sbin/in.fingerd\n", """
service finger
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= /usr/sbin/in.fingerd
}
"""),
    "nullidentd": Server(
        "A4", "tcp/113", clients.ident,
        "ident stream tcp nowait nobody /usr/sbin/nullidentd nullidentd\n", """
service auth
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= /usr/sbin/nullidentd
}
"""),
    "tftpd-hpa": Server(
        "A5", "udp/69", clients.tftp,
        "tftp dgram udp wait root /usr/sbin/in.tftpd in.tftpd -s -t 2 "
        "/srv/tftp\n", """
service tftp
{
	socket_type	= dgram
	protocol	= udp
	wait		= yes
	user		= root
	server		= /usr/sbin/in.tftpd
	server_args	= -s -t 2 /srv/tftp
}
"""),
    "atftpd": Server(
        "A5", "udp/69", clients.atftp,
        "tftp dgram udp4 wait root /opt/atftpd/usr/sbin/atftpd atftpd "
        "--tftpd-timeout 2 --user nobody /srv/tftp\n", """
service tftp
{
	flags		= IPv4
	socket_type	= dgram
	protocol	= udp
	wait		= yes
	user		= root
	server		= /opt/atftpd/usr/sbin/atftpd
	server_args	= --tftpd-timeout 2 --user nobody /srv/tftp
}
"""),
    "rsync": Server(
        "A6", "tcp/873", clients.rsync,
        "rsync stream tcp nowait root /usr/bin/rsync rsync --daemon\n", """
service rsync
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= root
	server		= /usr/bin/rsync
	server_args	= --daemon
}
"""),
    "git": Server(
        "A7", "tcp/9418", clients.git,
        "git stream tcp nowait nobody /usr/bin/git git daemon --inetd "
        "--verbose --export-all --base-path=/srv/git\n", """
service git
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= /usr/bin/git
	server_args	= daemon --inetd --verbose --export-all --base-path=/srv/git
}
""",
        cwd="/root/private",
        marks=(differs("its children stay where it was started", "openbsd",
                       "inetutils"),)),
    "sshd": Server(
        "A8", "tcp/22", clients.ssh,
        "ssh stream tcp nowait root /usr/sbin/sshd sshd -i\n", """
service ssh
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= root
	server		= /usr/sbin/sshd
	server_args	= -i
}
"""),
    "micro-httpd": Server(
        "A9", "tcp/80", clients.http,
        "www stream tcp nowait nobody:www-data /usr/sbin/tcpd "
        "/usr/sbin/micro-httpd /var/www/html\n", """
service http
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= /usr/sbin/micro-httpd
	server_args	= /var/www/html
	group		= www-data
}
"""),
    "nrpe": Server(
        "A10", "tcp/5666", clients.nrpe,
        "nrpe stream tcp nowait nagios /usr/sbin/nrpe nrpe "
        "-c /etc/nagios/nrpe.cfg --inetd\n", """
service nrpe
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nagios
	server		= /usr/sbin/nrpe
	server_args	= -c /etc/nagios/nrpe.cfg --inetd
}
"""),
    "rstatd": Server(
        "A11", None, clients.rstat,
        "rstatd/1-5 dgram rpc/udp wait nobody /usr/sbin/tcpd "
        "/usr/sbin/rpc.rstatd\n", """
service rstatd
{
	type		= RPC
	rpc_version	= 1-5
	socket_type	= dgram
	protocol	= udp
	wait		= yes
	user		= nobody
	server		= /usr/sbin/rpc.rstatd
}
""",
        marks=(differs("knows no rpc lines", "inetutils"),)),
    "talkd": Server(
        "A12", "udp/518", clients.talk,
        "ntalk dgram udp4 wait root /usr/sbin/tcpd /usr/sbin/talkd\n", """
service ntalk
{
	socket_type	= dgram
	protocol	= udp
	wait		= yes
	user		= root
	server		= /usr/sbin/talkd
}
"""),
    "waitstream": Server(
        "A13", "tcp/7004", clients.wait_stream,
        "7004 stream tcp wait nobody /opt/waitsrv.py waitsrv.py 1\n", """
service ws
{
	socket_type	= stream
	protocol	= tcp
	wait		= yes
	user		= nobody
	server		= /opt/waitsrv.py
	server_args	= 1
	type		= UNLISTED
	port		= 7004
}
"""),
    "health": Server(
        "A14", "tcp/9200", clients.health,
        "9200 stream tcp nowait nobody /opt/health.sh health.sh\n", """
service mysqlchk
{
	socket_type	= stream
	protocol	= tcp
	wait		= no
	user		= nobody
	server		= /opt/health.sh
	type		= UNLISTED
	port		= 9200
	flags		= REUSE
	per_source	= UNLIMITED
	only_from	= 0.0.0.0/0
	log_on_failure	+= USERID
}
""",
        marks=(differs("60 checks in a row: a second for each, or its "
                       "default rate closes the port", "inetutils",
                       "xinetd"),)),
}


def served(names=SERVERS):
    """Test parameters: each of these servers in each dialect."""
    return [pytest.param(SERVERS[name], dialect, marks=SERVERS[name].marks,
                         id=f"{SERVERS[name].row}-{name}-{dialect}")
            for dialect in DIALECTS for name in names]
