"""The AEN tree of a role as a layer: /opt/wakari/wakari-ROLE, its documented paths, owned by the service account."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.layers import MONGOD, NGINX, NODE_FILES, WAKARI, Layer, template
from tests.lab.requirements import NODE_PYTHON
from tests.lab.topology import SERVICE_OF

PYTHON27_MOUNT = "/opt/wakari/python27"
"""Where a node on Python 2.7 sees that interpreter's prefix."""


@dataclass(frozen=True, slots=True)
class Program:
    """A supervised stand-in."""

    name: str
    command: str
    log: str


PROGRAMS = {
    "server": (Program("wk-server", "wk-server", "server.log"), Program("worker", "wk-worker", "worker.log")),
    "gateway": (Program("wk-gateway", "wk-gateway", "gateway.log"),),
    "compute": (Program("wk-compute", "wk-compute", "compute-launcher.log"),),
}
DIRECTORY = {"server": "{prefix}", "gateway": "/", "compute": "{prefix}/etc"}
"""supervisord's working folder."""
CONFIGS: dict[str, dict[str, object]] = {
    "server": {
        "config.json": {"ANON_USER": "public"},
        "wk-server-config.json": {"host": "127.0.0.1", "port": 5000, "MONGO_URL": "mongodb://127.0.0.1:27017"},
    },
    "gateway": {"wk-gateway-config.json": {"port": 8089, "client_id": "5f2c", "client_secret": "not to be shown"}},
    "compute": {
        "config.json": {"ANON_USER": "public", "MANAGE_ACCOUNTS": True},
        "wk-compute-launcher-config.json": {"port": 5002, "projectRoot": "/projects"},
        "scripts/config.json": {"projectRoot": "/projects"},
    },
}
APPLICATION_LOGS = {"gateway": "gateway.application.log", "compute": "compute-launcher.application.log"}
VERSIONS = {
    "server": "wakari-server-1.22.0",
    "gateway": "wakari-gateway-1.5.8",
    "compute": "wakari-compute-launcher-1.8.2",
}
SCRIPT = "#!{python}\nimport sys\nfrom supervisor.{module} import main\nsys.exit(main())\n"
PYTHON27_WRAPPER = f"""#!/bin/sh
# Outside its own prefix this interpreter must be told where its library and its modules are.
export LD_LIBRARY_PATH={PYTHON27_MOUNT}/lib PYTHONHOME={PYTHON27_MOUNT} PYTHONPATH=@SITE@
exec {PYTHON27_MOUNT}/bin/python2.7 "$@"
"""


def prefix_of(role: str) -> str:
    """/opt/wakari/wakari-ROLE."""
    return f"/opt/wakari/{SERVICE_OF[role]}"


def build_role(
    folder: Path, role: str, *, worker_processes: int, supervisor_3: Path | None, interpreter: str = "python"
) -> Path:
    """Writes the layer of a role; returns its folder.

    Args:
        folder: does not exist yet.
        role: server, gateway or compute.
        worker_processes: 0 for one program `worker`, else the size of the group.
        supervisor_3: a folder with supervisor 3.x for Python 2.7, or None for the release of this environment.
        interpreter: the name that the tree's interpreter has in bin/.
    """
    folder.mkdir()
    layer, prefix = Layer(folder), prefix_of(role)
    for name in ("bin", "etc/supervisord/conf.d", "etc/wakari", "var/log/wakari", "var/run", "conda-meta"):
        layer.directory(f"{prefix}/{name}")
    python = f"{prefix}/bin/{interpreter}"
    _interpreter(layer, prefix, python, supervisor_3)
    for module in ("supervisord", "supervisorctl"):
        layer.write(f"{prefix}/bin/{module}", SCRIPT.format(python=python, module=module), 0o755)
    directory = DIRECTORY[role].format(prefix=prefix)
    layer.write(f"{prefix}/etc/supervisord.conf", template("supervisord.conf", PREFIX=prefix, DIRECTORY=directory))
    for program in PROGRAMS[role]:
        _program(layer, prefix, python, program, worker_processes if program.name == "worker" else 0)
    for name, content in CONFIGS[role].items():
        mode = 0o600 if name == "wk-gateway-config.json" else 0o644
        layer.write(f"{prefix}/etc/wakari/{name}", json.dumps(content, indent=2) + "\n", mode)
    for name in ("wakari-version-4.1.2-0", f"{VERSIONS[role]}-0"):
        layer.write(f"{prefix}/conda-meta/{name}.json", "{}\n")
    if role == "compute":
        layer.directory(f"{prefix}/lib/node_modules/wakari-compute-launcher/skeleton")
        for tool in (
            "/opt/wakari/anaconda/bin/conda",
            "/opt/wakari/anaconda/bin/anaconda",
            f"{prefix}/bin/start-project",
        ):
            layer.write(tool, "#!/bin/sh\necho conda 4.1.12\n", 0o755)
    if role == "gateway":
        layer.write(f"{prefix}/bin/wk-gateway-configure", "#!/bin/sh\n", 0o755)
    layer.own("/opt/wakari", WAKARI)
    _init_script(layer, SERVICE_OF[role], "sysv-wakari.sh")
    if role == "server":
        _nginx(layer, prefix)
    return folder


def logs_of(role: str) -> list[str]:
    """Paths of the logs that the tree's programs write."""
    prefix = prefix_of(role)
    names = [program.log for program in PROGRAMS[role]]
    names += [APPLICATION_LOGS[role]] if role in APPLICATION_LOGS else []
    return [f"{prefix}/var/log/supervisord.log", *(f"{prefix}/var/log/wakari/{name}" for name in names)]


def running_texts(role: str, worker_processes: int) -> list[tuple[str, str]]:
    """(log, text) pairs that are true when supervisord says that every program of the role runs."""
    log = f"{prefix_of(role)}/var/log/supervisord.log"
    names = [program.name for program in PROGRAMS[role]]
    if role == "server" and worker_processes:
        names = [name for name in names if name != "worker"]
        names += [f"worker_{number:02d}" for number in range(worker_processes)]
    return [(log, f"success: {name} entered RUNNING state") for name in names]


def build_mongodb(folder: Path, mongod: Path) -> Path:
    """Writes the layer with mongod 2.6.10 as a SysV service; returns its folder."""
    folder.mkdir()
    layer = Layer(folder)
    layer.write("/usr/bin/mongod", mongod.read_bytes(), 0o755)
    layer.write("/etc/mongod.conf", template("mongod.conf"))
    layer.directory("/var/lib/mongo", 0o755, MONGOD)
    layer.directory("/var/log/mongodb", 0o755, MONGOD)
    start = (
        "install -d -o mongod /var/run/mongodb"
        " && setpriv --reuid mongod --regid mongod --clear-groups /usr/bin/mongod -f /etc/mongod.conf >/dev/null"
    )
    _init_script(layer, "mongod", "sysv-daemon.sh", PIDFILE="/var/run/mongodb/mongod.pid", START=start)
    return folder


def _interpreter(layer: Layer, prefix: str, python: str, supervisor_3: Path | None) -> None:
    if supervisor_3 is not None:
        site = f"{prefix}/lib/python2.7/site-packages"
        layer.copy_tree(supervisor_3, site)
        layer.write(python, PYTHON27_WRAPPER.replace("@SITE@", site), 0o755)
        layer.directory(PYTHON27_MOUNT)
        return
    spec = importlib.util.find_spec("supervisor")
    assert spec is not None and spec.origin is not None, "supervisor is a dependency of the product"
    version = NODE_PYTHON.resolve().name  # python3.11
    layer.link(python, str(NODE_PYTHON.resolve()))
    layer.write(f"{prefix}/pyvenv.cfg", f"home = {NODE_PYTHON.parent}\ninclude-system-site-packages = false\n")
    site = f"{prefix}/lib/{version}/site-packages"
    layer.copy_tree(Path(spec.origin).parent, f"{site}/supervisor")
    # Compiled here for the nodes' interpreter: 50 of them would each do it again at their first start.
    subprocess.run([NODE_PYTHON, "-m", "compileall", "-q", str(layer.path(site))], check=True)


def _program(layer: Layer, prefix: str, python: str, program: Program, processes: int) -> None:
    standin = (NODE_FILES / "standin.py").read_text()
    layer.write(f"{prefix}/bin/{program.command}", f"#!{python}\n{standin}", 0o755)
    text = template("program.conf", NAME=program.name, PREFIX=prefix, COMMAND=program.command, LOG=program.log)
    if processes:
        text += f"numprocs={processes}\nprocess_name=%(program_name)s_%(process_num)02d\n"
    layer.write(f"{prefix}/etc/supervisord/conf.d/{program.name}.conf", text)


def _init_script(layer: Layer, name: str, source: str, **values: str) -> None:
    text = template(source, NAME=name, FUNCTIONS=template("sysv-functions.sh"), **values)
    layer.write(f"/etc/init.d/{name}", text, 0o755)


def _nginx(layer: Layer, prefix: str) -> None:
    layer.directory("/etc/nginx/conf.d", opaque=True)
    layer.write("/etc/nginx/nginx.conf", template("nginx.conf"))
    site = template("www.enterprise.conf")
    layer.write("/etc/nginx/conf.d/www.enterprise.conf", site)
    layer.write(f"{prefix}/etc/conf.d/www.enterprise.conf", site, owner=WAKARI)
    layer.directory(f"{prefix}/etc/conf.d", owner=WAKARI)
    layer.directory("/var/lib/nginx", 0o700, NGINX)
    _init_script(layer, "nginx", "sysv-daemon.sh", PIDFILE="/run/nginx.pid", START="/usr/sbin/nginx")
