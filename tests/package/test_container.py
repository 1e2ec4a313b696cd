"""The image of etc/Containerfile, built and run by podman: without privileges,
with a root that is read only, and without a syslog; and what Kubernetes is
told of it.

Debian's base image is the private root of tests/acceptance, where what the
file installs is there already: no network is needed.
"""

import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
from packages import BUILD, TOP

from house import LOWER, wait_for, why_not

BASE = "docker.io/library/debian:bookworm-slim"
TEXT = (TOP / "etc/Containerfile").read_text()
# what is large, and of no use there
LEFT_OUT = [f"--exclude=./{path}" for path in (
    "opt", "usr/lib/git-core", "usr/lib/python3*", "usr/share/perl/*",
    "usr/lib/gcc/*/*/lto*", "usr/lib/gcc/*/*/*san*", "usr/share/vim")]
# what the file says to run it with
OPTIONS = re.search(r"podman run (--read-only .*?)\s+-v", re.sub(
    r"\\\n#", "", TEXT))[1].split()
# what a machine may need that has no control groups of version 2 to share and
# may not raise limits
HERE = ["--cgroups=disabled", "--network=none", "--pull=never",
        "--log-driver=k8s-file", "--ulimit=nofile=512:512",
        "--ulimit=nproc=500:500"]
# the mounts and the network of podman are its own, and what it stores
SPACES = r"""
mount --make-rprivate /
mount -t tmpfs none "$1" || exit
umount -R /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 none /sys/fs/cgroup
echo ready
exec cat
"""


class Podman:
    """All that it stores is gone with its namespaces."""

    def __init__(self, top):
        self.top = top
        self.storage = top / "storage"
        self.storage.mkdir()
        self.first = subprocess.Popen(
            ["unshare", "-m", "-n", "sh", "-c", SPACES, "sh", self.storage],
            text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.first.stdout.readline() == "ready\n"

    def try_run(self, *argv, **options):
        return subprocess.run(
            ["nsenter", "-t", str(self.first.pid), "-m", "-n", "podman",
             "--cgroup-manager=cgroupfs", "--events-backend=file",
             "--root", self.storage / "root", "--runroot",
             self.storage / "run", "--tmpdir", self.storage / "tmp", *argv],
            text=True,
            capture_output=True, timeout=300, check=False, **options)

    def run(self, *argv, **options):
        done = self.try_run(*argv, **options)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout.strip()

    def close(self):
        self.try_run("rm", "-a", "-f", "-t", "0")
        self.first.stdin.close()
        self.first.wait(20)
        shutil.rmtree(self.top, ignore_errors=True)


@pytest.fixture(scope="module")
def podman():
    """With the base image, where containers can be run."""
    reason = why_not() or (None if shutil.which("podman")
                           else "podman is not installed")
    if reason:
        pytest.skip(reason)
    top = BUILD / "podman"
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir()
    podman = Podman(top)
    try:
        with subprocess.Popen(["tar", "-C", LOWER, *LEFT_OUT, "-c", "."],
                              stdout=subprocess.PIPE) as tar:
            podman.run("import", "-", BASE, stdin=tar.stdout)
        done = podman.try_run("run", "--rm", *HERE, BASE, "true")
        if done.returncode != 0:
            pytest.skip(f"no containers here: {done.stderr.strip()}")
        yield podman
    finally:
        podman.close()


@pytest.fixture(scope="module")
def image(podman):
    """Built from what git knows: its name."""
    context = podman.top / "context"
    context.mkdir()
    names = ["LICENSE", "Makefile", "NEWS", "README.md", "conf", "etc",
             "man", "services", "superd"]
    subprocess.run(["cp", "-r", *names, context], check=True, cwd=TOP)
    podman.run("build", "--isolation=chroot", "--pull=never", "-t", "superd",
               "-f", context / "etc/Containerfile", context)
    return "superd"


class Container:
    def __init__(self, podman, image, *argv, mounts=(), env=()):
        mounts = [f"-v={source}:{target}:ro" for source, target in mounts]
        mounts += [f"--env={name}={value}" for name, value in env]
        self.podman = podman
        self.id = podman.run("run", "-d", *HERE, *OPTIONS, *mounts, image,
                             *argv)

    def run(self, *argv):
        return self.podman.run("exec", self.id, *argv)

    def status(self):
        """{name: value} of its first process"""
        self.pid = self.podman.run("inspect", "-f", "{{.State.Pid}}", self.id)
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return dict(line.split(":\t") for line in text.splitlines()
                    if ":\t" in line)

    def log(self):
        done = self.podman.try_run("logs", self.id)
        return done.stdout + done.stderr

    def ready(self):
        wait_for(lambda: "superd: ready" in self.log(), 60,
                 "superd in a container")
        self.status()
        return self

    def client(self, port, word):
        """What is answered to it."""
        done = subprocess.run(
            ["nsenter", "-t", self.pid, "-n", "bash", "-c",
             f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo {word} >&3; "
             "head -1 <&3"], capture_output=True, text=True, timeout=60,
            check=False)
        return done.stdout.strip()


CONF = """\
7007 stream tcp nowait superd internal echo
7008 stream tcp nowait superd /bin/cat cat
"""


@pytest.fixture
def start(podman, image):
    """start(text): a container with this inetd.conf, once it is ready"""
    made = []

    def make(text=CONF):
        conf = podman.top / "inetd.conf"
        conf.write_text(text)
        made.append(Container(podman, image,
                              mounts=[(conf, "/etc/inetd.conf")]))
        return made[-1].ready()
    yield make
    for container in made:
        podman.try_run("rm", "-f", "-t", "0", container.id)


def test_it_runs_without_privileges_and_serves(start):
    container = start()
    status = container.status()
    assert status["Name"] == "superd" and status["NSpid"].split()[-1] == "1"
    assert status["Uid"].split() == ["991"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert container.podman.try_run("exec", container.id, "touch",
                                    "/etc/x").returncode != 0
    assert container.client(7007, "one") == "one"
    assert container.client(7008, "two") == "two"


def test_its_health_is_asked_and_it_is_steered_from_inside(start):
    container = start()
    health = re.search(r"^HEALTHCHECK CMD \[(.*)\]$", TEXT, re.M)[1]
    container.run(*re.findall(r'"(.*?)"', health))
    assert container.run("superctl", "--no-header", "list").count(
        "listening") == 2
    (container.podman.top / "inetd.conf").write_text(
        CONF.replace("7008", "7009"))
    container.run("superctl", "reload")
    assert container.client(7009, "three") == "three"


def test_it_logs_to_its_container_where_nothing_else_takes_it(start):
    assert "error" not in start().log()


def test_it_ends_at_once_with_its_servers(start):
    container = start()
    session = subprocess.Popen(
        ["nsenter", "-t", container.pid, "-n", "bash", "-c",
         "exec 3<>/dev/tcp/127.0.0.1/7008; echo word >&3; exec cat <&3"],
        stdout=subprocess.PIPE, text=True)
    try:
        assert session.stdout.readline() == "word\n"
        container.podman.run("stop", "-t", "60", container.id)
        # the server of the session has ended
        assert session.stdout.read() == ""
        assert container.podman.run("wait", container.id) == "0"
        assert "superd: stop: 1 child" in container.log()
    finally:
        session.kill()
        session.wait()


def test_file_of_another_user_is_refused_with_the_reason(podman, image):
    conf = podman.top / "theirs.conf"
    conf.write_text(CONF)
    shutil.chown(conf, 12345)
    container = Container(podman, image, mounts=[(conf, "/etc/inetd.conf")])
    assert podman.run("wait", container.id) == "1"
    assert "12345" in container.log()


# Kubernetes

KUBERNETES = TOP / "etc/kubernetes/superd.yaml"


@pytest.fixture(scope="module")
def objects():
    """{kind: object}"""
    yaml = pytest.importorskip("yaml")
    return {one["kind"]: one
            for one in yaml.safe_load_all(KUBERNETES.read_text())}


@pytest.fixture(scope="module")
def template(objects):
    """The container of the Deployment."""
    return objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def test_parts_of_kubernetes_fit_each_other(objects, template):
    assert sorted(objects) == ["ConfigMap", "Deployment", "Service"]
    spec = objects["Deployment"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert labels == spec["selector"]["matchLabels"] == \
        objects["Service"]["spec"]["selector"]
    ports = {port["name"]: port["containerPort"] for port in
             template["ports"]}
    conf = objects["ConfigMap"]["data"]["superd.conf"]
    assert set(map(int, re.findall(r"port = (\d+)", conf))) == \
        set(ports.values())
    assert {port["targetPort"] for port in
            objects["Service"]["spec"]["ports"]} == set(ports) - {"metrics"}
    assert template["startupProbe"]["tcpSocket"]["port"] in ports
    volumes = {volume["name"] for volume in
               spec["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in template["volumeMounts"]} == volumes
    user = re.search(r"^USER (\d+):", TEXT, re.M)[1]
    context = spec["template"]["spec"]["securityContext"]
    assert str(context["runAsUser"]) == user and context["runAsNonRoot"]


def test_container_of_kubernetes_serves_is_asked_and_drains(
        podman, image, objects, template):
    """the same arguments, text, probes and commands, run by podman"""
    variable, = template["env"]
    key = variable["valueFrom"]["configMapKeyRef"]["key"]
    text = objects["ConfigMap"]["data"][key]
    container = Container(podman, image, *template["args"],
                          env=[(variable["name"], text)]).ready()
    try:
        for probe in "readinessProbe", "livenessProbe":
            get = template[probe]["httpGet"]
            assert get["port"] == "metrics"
            assert " 200 " in container.client(
                7099, f"-e 'GET {get['path']} HTTP/1.0\\r\\n\\r'")
        assert ":" in container.client(7013, "x")
        stop = template["lifecycle"]["preStop"]["exec"]["command"]
        assert shlex.join(stop).startswith("superctl drain --all")
        container.run(*stop)
        assert container.client(7013, "x") == ""
    finally:
        podman.try_run("rm", "-f", "-t", "0", container.id)
