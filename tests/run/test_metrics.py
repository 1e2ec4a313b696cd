"""What superd tells Prometheus."""

import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest
from conftest import (SLOW, connect, many_files, probe, read_all, tcp,
                      wait_for)

promtool = pytest.mark.skipif(shutil.which("promtool") is None,
                              reason="no promtool (prometheus)")

SERVICES = f"""\
20001 stream tcp4 nowait nobody {probe('hold')} hold
20002 stream tcp4 nowait nobody /bin/true true
20003 stream tcp4 nowait nobody /bin/false false
20004 stream tcp4 nowait nobody {probe('hold')} hold
20005 stream tcp4 nowait root internal echo
"""

LINE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def parsed(text):
    """{(name, frozenset of labels): value}; each is there once"""
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        key = match[1], frozenset(LABEL.findall(match[2] or ""))
        assert key not in values, line
        values[key] = float(match[3])
    return values


class Metrics:
    def __init__(self, text):
        self.text = text
        self.values = parsed(text)

    def get(self, name, **labels):
        return self.values.get((name, frozenset(labels.items())))


def metrics(daemon):
    code, text = daemon.ctl("metrics")
    assert code == 0, text
    return Metrics(text)


def rest(daemon):
    wait_for(lambda: daemon.status()["children"] == 0,
             what="the end of all sessions")


@pytest.mark.root
def test_connections_that_wait_are_counted_at_their_socket(superd):
    daemon = superd(
        f"service one {{ port = 20001 server = {probe('hold')} user = root\n"
        "instances = 1 }\nservice two { port = 20002 protocol = tcp6\n"
        "family = ipv6 internal = echo }\n", file="superd.conf")
    with contextlib.ExitStack() as stack:
        stack.enter_context(connect(20001)).recv(1)
        for _ in range(3):
            stack.enter_context(connect(20001))
        wait_for(lambda: metrics(daemon).get(
            "superd_backlog", service="one", address="0.0.0.0:20001") == 3,
                 what="three that wait")
        assert metrics(daemon).get("superd_backlog", service="two",
                                   address="[::]:20002") == 0
        daemon.ctl("stop", "two")
        assert metrics(daemon).get("superd_backlog", service="two",
                                   address="[::]:20002") is None


def test_counts_are_what_has_happened(superd):
    daemon = superd(SERVICES)
    for _ in range(3):
        tcp(20002)
    for _ in range(2):
        tcp(20003)
    assert tcp(20005, b"x") == b"x"
    with connect(20004) as s:
        assert s.recv(100).startswith(b"held")
        assert daemon.ctl("kill", "20004/tcp4")[0] == 0
        assert read_all(s) == b""
    rest(daemon)
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        now = metrics(daemon)
        assert now.get("superd_sessions", service="20001/tcp4") == 1
    for port, count in ((20001, 1), (20002, 3), (20003, 2), (20004, 1),
                        (20005, 1)):
        assert now.get("superd_connections_total",
                       service=f"{port}/tcp4") == count
    for port, status0, status, killed in ((20002, 3, 0, 0), (20003, 0, 2, 0),
                                          (20004, 0, 0, 1), (20005, 1, 0, 0)):
        for how, count in (("status0", status0), ("status", status),
                           ("signal", killed)):
            assert now.get("superd_exits_total", service=f"{port}/tcp4",
                           how=how) == count
    # nobody's session has ended there
    assert now.get("superd_exits_total", service="20001/tcp4",
                   how="status0") is None
    assert now.get("superd_session_seconds_count", service="20002/tcp4") == 3


@pytest.mark.root
def test_sessions_are_counted_in_the_bucket_of_their_length(superd):
    daemon = superd(SERVICES)
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        time.sleep(0.2)
    rest(daemon)
    now = metrics(daemon)

    def bucket(le):
        return now.get("superd_session_seconds_bucket", service="20001/tcp4",
                       le=le)

    assert bucket("0.1") == 0
    assert bucket("60") == bucket("+Inf") == 1
    total = now.get("superd_session_seconds_sum", service="20001/tcp4")
    assert 0.2 <= total < 60


@pytest.mark.root
def test_refusals_and_pauses_have_their_reasons(superd):
    daemon = superd('service "one" { port = 20001\n instances = 1\n'
                    f' server = {probe("hold")}\n user = nobody\n'
                    ' only_from = {"127.0.0.0/8"}\n no_access = 127.0.0.9 }\n'
                    'service "shut" { port = 20002\n server = /bin/true\n'
                    ' user = nobody }\n', file="superd.conf")
    with socket.create_connection(("127.0.0.1", 20001), 5 * SLOW,
                                  ("127.0.0.9", 0)) as s:
        assert read_all(s) == b""
    wait_for(lambda: metrics(daemon).get(
        "superd_refused_total", service="one", reason="access") == 1)
    assert daemon.ctl("stop", "shut")[0] == 0
    now = metrics(daemon)
    assert now.get("superd_paused", service="shut", reason="stopped") == 1
    with connect(20001) as s, connect(20001) as other:
        assert s.recv(100).startswith(b"held")
        # one of them waits, or was refused
        wait_for(lambda: metrics(daemon).get(
            "superd_paused", service="one", reason="instances") == 1 or
            daemon.service("one")["refused"]["instances"])
        other.close()


@pytest.mark.root
def test_socket_that_cannot_be_bound_is_down(superd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 20009))
        other.listen()
        daemon = superd(SERVICES +
                        "127.0.0.1:20009 stream tcp4 nowait nobody /bin/true "
                        "true\n")
        now = metrics(daemon)
    assert now.get("superd_listener_up", service="127.0.0.1:20009/tcp4",
                   address="127.0.0.1:20009") == 0
    assert now.get("superd_listener_up", service="20001/tcp4",
                   address="0.0.0.0:20001") == 1


@pytest.mark.root
def test_daemon_tells_of_itself(superd):
    daemon = superd(SERVICES)
    assert daemon.reload()[0] == 0
    assert daemon.reload("nonsense\n")[0] == 1
    now = metrics(daemon)
    assert now.get("superd_reloads_total", result="applied") == 1
    assert now.get("superd_reloads_total", result="refused") == 1
    assert now.get("superd_loop_seconds_count") > 0
    version = daemon.status()["version"]
    assert now.get("superd_build_info", version=version) == 1
    assert now.get("process_resident_memory_bytes") > 1 << 20
    assert abs(now.get("process_start_time_seconds") - time.time()) < 600


@pytest.mark.root
@promtool
def test_promtool_has_no_complaint(superd):
    daemon = superd(SERVICES)
    for port in (20002, 20003):
        tcp(port)
    rest(daemon)
    done = subprocess.run(["promtool", "check", "metrics"],
                          input=metrics(daemon).text, text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.root
@pytest.mark.parametrize("name,label", [
    ('a\\"b', 'a\\"b'), ("a\\\\b", "a\\\\b"), ("é{}=,", "é{}=,"),
])
def test_ids_are_escaped(superd, name, label):
    daemon = superd(f'service "{name}" {{ port = 20001\n server = /bin/true\n'
                    ' user = nobody }\n', file="superd.conf")
    now = metrics(daemon)
    assert now.get("superd_sessions", service=label) == 0


@pytest.mark.root
def test_metrics_of_many_services_hold_nobody_up(superd):
    daemon = superd("".join(
        f"127.0.0.1:{port} stream tcp4 nowait root internal daytime\n"
        for port in range(21000, 23000)))
    before = metrics(daemon)
    assert before.get("superd_sessions",
                      service="127.0.0.1:22999/tcp4") == 0
    assert daemon.ctl("--json", "metrics")[0] == 2
    daemon.check_at_rest()


# Over HTTP.

WEB = SERVICES + "20099 stream tcp nowait root internal metrics\n"


def ask(request, port=20099, **options):
    """(status, fields, content) of the only answer"""
    answer = tcp(port, request.encode("latin-1"), **options)
    return split(answer)


def split(answer):
    header, _, content = answer.partition(b"\r\n\r\n")
    first, *lines = header.decode().split("\r\n")
    version, status, _ = first.split(" ", 2)
    assert version == "HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in lines)
    assert fields["Connection"] == "close"
    return int(status), fields, content


def get(path, method="GET", version="1.1", **options):
    return ask(f"{method} {path} HTTP/{version}\r\nHost: x\r\n\r\n", **options)


@pytest.mark.root
def test_metrics_over_http(superd):
    daemon = superd(WEB)
    tcp(20002)
    rest(daemon)
    for version in ("1.0", "1.1"):
        status, fields, content = get("/metrics", version=version)
        assert status == 200
        assert fields["Content-Type"] == \
            "text/plain; version=0.0.4; charset=utf-8"
        assert int(fields["Content-Length"]) == len(content)
        now = Metrics(content.decode())
        assert now.get("superd_connections_total",
                       service="20002/tcp4") == 1
    rest(daemon)
    daemon.check_at_rest()


@pytest.mark.root
def test_head_has_the_header_only(superd):
    superd(WEB)
    status, fields, content = get("/metrics", method="HEAD")
    assert status == 200 and content == b""
    assert int(fields["Content-Length"]) > 1000
    status, fields, content = get("/none", method="HEAD")
    assert status == 404 and content == b""


@pytest.mark.root
@pytest.mark.parametrize("request_,expected", [
    ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("GET /metrics?a=b HTTP/1.1\nhOst: x\n\n", 200),
    ("\r\nGET http://there/metrics HTTP/1.1\r\nHost: there\r\n\r\n", 200),
    ("GET /metrics HTTP/1.0\r\n\r\n", 200),
    ("GET /metrics HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.0\r\n\r\n", 404),
    ("GET /../metrics HTTP/1.0\r\n\r\n", 404),
    ("GET /metrics/ HTTP/1.0\r\n\r\n", 404),
    ("POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("GET * HTTP/1.0\r\n\r\n", 400),
    ("GET /metrics\r\n", 400),
    ("GET  /metrics HTTP/1.0\r\n", 400),
    ("GET /metrics HTTP/1.0 x\r\n", 400),
    ("GET /metrics HTTP/2.0\r\n", 505),
    ("GET /metrics HTTP/1.0\r\nA: b\rc\r\n\r\n", 400),
    ("GET /metrics HTTP/1.0\r\nA: \0\r\n\r\n", 400),
    ("\x16\x03\x01\x02\0", 400),
    ("\r\n" * 5000, 431),
    ("GET /" + "a" * 600 + " HTTP/1.0\r\n\r\n", 414),
    ("GET /metrics HTTP/1.0\r\n" + "A: b\r\n" * 2000, 431),
], ids=range(21))
def test_requests_and_what_is_none(superd, request_, expected):
    daemon = superd(WEB)
    assert ask(request_)[0] == expected
    assert get("/metrics")[0] == 200
    rest(daemon)


@pytest.mark.root
def test_request_octet_by_octet(superd):
    superd(WEB)
    with connect(20099) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n":
            s.sendall(bytes([octet]))
            time.sleep(0.002)
        assert split(read_all(s))[0] == 200


@pytest.mark.root
def test_first_of_pipelined_requests_is_answered(superd):
    """whole, though more was sent that nobody reads"""
    daemon = superd(WEB)
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    status, fields, content = split(tcp(20099, request * 20))
    assert status == 200
    assert len(content) == int(fields["Content-Length"])
    rest(daemon)
    daemon.check_at_rest()


@pytest.mark.root
def test_slow_clients_keep_nobody_from_the_metrics(superd):
    """a thousand that never finish their requests"""
    daemon = superd(WEB)
    with contextlib.ExitStack() as stack, many_files(1500):
        for _ in range(1000):
            s = stack.enter_context(connect(20099))
            s.sendall(b"GET /metrics HTTP/1.1\r\nHos")
        start = time.monotonic()
        assert get("/metrics")[0] == 200
        assert time.monotonic() - start < 5 * SLOW
        assert daemon.status()["children"] <= 256
    rest(daemon)
    daemon.check_at_rest()


@pytest.mark.root
def test_client_without_a_request_is_told_so(superd):
    superd(WEB)
    with connect(20099, timeout=20) as s:
        s.sendall(b"GET /met")
        assert split(read_all(s))[0] == 408


@pytest.mark.root
def test_metrics_have_a_place_when_all_are_taken(superd):
    """what other services take is not theirs"""
    daemon = superd('max_connections = 4\nservice "echo" { port = 20005\n'
                    " internal = echo }\n"
                    'service "metrics" { port = 20099\n'
                    " internal = metrics }\n", file="superd.conf")
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(connect(20005))
        wait_for(lambda: daemon.service("echo")["children"])
        assert get("/metrics")[0] == 200
        assert get("/healthz")[0] == 200


@pytest.mark.root
def test_metrics_are_for_this_host(superd, veth):
    superd(WEB)
    with veth.peer():
        for host in ("192.0.2.1", "2001:db8::1"):
            assert tcp(20099, b"GET /metrics HTTP/1.0\r\n\r\n",
                       host=host) == b""
    for host in ("127.0.0.1", "::1"):
        assert get("/metrics", host=host)[0] == 200


@pytest.mark.root
def test_metrics_are_for_whom_only_from_says(superd, veth):
    superd('service "metrics" { port = 20099\n internal = metrics\n'
           ' only_from = {"192.0.2.0/24"} }\n', file="superd.conf")
    with veth.peer():
        assert get("/metrics", host="192.0.2.1")[0] == 200
    assert tcp(20099, b"GET /metrics HTTP/1.0\r\n\r\n") == b""


@pytest.mark.root
def test_health_is_that_superd_answers_and_readiness_that_all_is_served(
        superd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 20009))
        other.listen()
        daemon = superd(WEB + "127.0.0.1:20009 stream tcp4 nowait nobody "
                        "/bin/true true\n")
        status, _, content = get("/readyz")
        assert (status, content) == (
            503, b"failed: 127.0.0.1:20009/tcp4\n")
        assert get("/healthz")[0] == 200
    assert daemon.reload(WEB)[0] == 0
    for path in ("/healthz", "/readyz"):
        status, _, content = get(path)
        assert (status, content) == (200, b"ok\n")


@pytest.mark.root
@pytest.mark.skipif(shutil.which("prometheus") is None,
                    reason="no prometheus")
def test_prometheus_scrapes_it(superd, tmp_path):
    superd(WEB)
    tcp(20002)
    config = tmp_path / "prometheus.yml"
    config.write_text("global: { scrape_interval: 200ms }\n"
                      "scrape_configs:\n- job_name: superd\n"
                      "  static_configs:\n"
                      "  - targets: ['127.0.0.1:20099']\n")
    prometheus = subprocess.Popen(
        ["prometheus", f"--config.file={config}",
         f"--storage.tsdb.path={tmp_path}/data",
         "--web.listen-address=127.0.0.1:20090"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def asked(query):
        with contextlib.suppress(OSError), urllib.request.urlopen(
                "http://127.0.0.1:20090/api/v1/query?query=" + query,
                timeout=10) as answer:
            return [float(one["value"][1]) for one in
                    json.load(answer)["data"]["result"]]

    try:
        wait_for(lambda: asked('up{job="superd"}') == [1], 60, "a scrape")
        assert asked('superd_connections_total{service="20002/tcp4"}') == [1]
        assert asked("scrape_samples_post_metric_relabeling>20")
    finally:
        prometheus.kill()
        prometheus.wait()


# What ships for Prometheus and Grafana.

ETC = pathlib.Path(__file__).parents[2] / "etc"


@promtool
def test_alert_rules_are_accepted():
    done = subprocess.run(["promtool", "check", "rules",
                           ETC / "prometheus/superd.rules.yml"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.root
def test_rules_and_dashboard_name_metrics_that_there_are(superd):
    text = metrics(superd(WEB)).text
    known = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    dashboard = (ETC / "grafana/superd.json").read_text()
    panels = json.loads(dashboard)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for used in (dashboard, (ETC / "prometheus/superd.rules.yml").read_text()):
        names = set(re.findall(r"\b(?:superd|process)_[a-z_]+\b", used))
        assert names
        for name in names:
            assert re.sub("_bucket$", "", name) in known, name


# The page for browsers.

@pytest.mark.root
def test_status_is_a_page_that_loads_nothing_else(superd):
    daemon = superd(WEB + "20097 stream tcp nowait root internal status\n")
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        status, fields, page = get("/", port=20097)
        peer = "%s:%d" % s.getsockname()
    assert status == 200
    assert fields["Content-Type"] == "text/html; charset=utf-8"
    policy = fields["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    page = page.decode()
    assert "<td>20001/tcp4<td>listening<td class=n>1" in page
    assert f"<td>{peer}<td" in page
    for word in ("<script", "src=", "href=", "url(", "@import"):
        assert word not in page
    assert get("/metrics", port=20097)[0] == 404
    rest(daemon)
    daemon.check_at_rest()


@pytest.mark.root
@pytest.mark.parametrize("shown", ["full", "none"])
def test_the_last_refusals_are_listed_as_the_log_has_them(superd, shown):
    """32 of them, the newest first"""
    superd(f"log_peer = {shown}\n"
           "service closed { port = 20001 internal = daytime\n"
           "no_access = 127.0.0.0/8 }\n"
           "service echo { port = 20002 internal = echo\n"
           "no_access = 127.0.0.0/8 }\n"
           "service status { port = 20097 internal = status }\n",
           file="superd.conf")
    for _ in range(40):
        assert tcp(20001) == b""
    with connect(20002) as s:
        peer = "%s:%d" % s.getsockname()
        assert read_all(s) == b""

    def table():
        page = get("/", port=20097)[2].decode()
        rows = page.partition("Last refusals")[2].partition("</table>")[0]
        return [re.split("<td[^>]*>", row.strip())[1:]
                for row in rows.split("<tr>")[2:]]

    rows = wait_for(lambda: len(table()) == 32 and
                    table()[0][0] == "echo" and table(), what="all of them")
    assert rows[0][:3] == ["echo", "access", peer if shown == "full" else "-"]
    assert all(row[:2] == ["closed", "access"] for row in rows[1:])


@pytest.mark.root
def test_strings_from_outside_are_only_text(superd, tmp_path):
    hostile = "<b onclick='x'>&amp;"
    superd(f'service "{hostile}" {{ listen = "{tmp_path}/<i>.sock"\n'
           " server = /bin/true\n user = nobody }\n"
           'service "status" { port = 20097\n internal = status }\n',
           file="superd.conf")
    page = get("/", port=20097)[2].decode()
    assert "&lt;b onclick=&#39;x&#39;&gt;&amp;amp;" in page
    assert "&lt;i&gt;.sock" in page
    assert "<b " not in page and "<i>" not in page


@pytest.mark.root
def test_status_is_for_this_host(superd, veth):
    superd("20097 stream tcp nowait root internal status\n")
    with veth.peer():
        assert tcp(20097, b"GET / HTTP/1.0\r\n\r\n", host="192.0.2.1") == b""
    assert get("/", port=20097)[0] == 200


@pytest.mark.root
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium")
def test_browser_shows_it_in_wide_and_narrow_windows(superd, tmp_path):
    superd(WEB + "20097 stream tcp nowait root internal status\n")
    for width in (1200, 400):
        picture = tmp_path / f"{width}.png"
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={tmp_path}/profile", "--hide-scrollbars",
             f"--window-size={width},800", f"--screenshot={picture}",
             "http://127.0.0.1:20097/"],
            capture_output=True, timeout=120 * SLOW, env={
                "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
        assert done.returncode == 0, done.stderr
        png = picture.read_bytes()
        assert png.startswith(b"\x89PNG")
        assert int.from_bytes(png[16:20], "big") == width
        # something is written on it
        assert len(png) > 10000
