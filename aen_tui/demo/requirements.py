"""What AEN's requirements want of a machine, as far as a folder can have it: accounts' homes, programs, libraries."""

from __future__ import annotations

from pathlib import Path

from aen_tui.checks.preflight.x_libraries import PACKAGES
from aen_tui.demo.people import USERS
from aen_tui.demo.plan import DemoNode
from aen_tui.model.node import Role

_VERSIONS = {
    "usr/bin/mongod": "db version v2.6.10",
    "usr/bin/java": 'java version "1.8.0_65"\nJava(TM) SE Runtime Environment (build 1.8.0_65-b17)',
}
_FONTS = {"dejavu-sans-fonts": "dejavu/DejaVuSans.ttf", "dejavu-serif-fonts": "dejavu/DejaVuSerif.ttf"}
_LIBRARIES = dict(zip(PACKAGES[:6], (1, 6, 6, 6, 6, 6), strict=True))
_CONDARC = """channels:
    - defaults
default_channels:
    - http://repo.example.com:8080/conda/anaconda
    - http://repo.example.com:8080/conda/wakari
channel_alias: http://repo.example.com:8080/conda
"""


def meet_requirements(node: DemoNode, user: str) -> None:
    """Lay out what preflight looks for.

    Args:
        node: whose folder is there already.
        user: who runs the demo; its service account.
    """
    for home in ("root", "home/public", f"home/{user}", *(f"home/{name}" for name in USERS)):
        (node.root / home).mkdir(parents=True, exist_ok=True)
    for name in ("git", "bzip2", "bash"):
        _empty(node.root / "usr/bin" / name)
    if node.role is Role.SERVER:
        for path, text in _VERSIONS.items():
            _says(node.root / path, text)
        _empty(node.root / "usr/share/elasticsearch/lib/elasticsearch-1.7.2.jar")
        site = (node.root / "etc/nginx/conf.d/www.enterprise.conf").read_text()
        (node.root / "etc/nginx/nginx.conf").write_text("http {\n    include /etc/nginx/conf.d/*.conf;\n}\n")
        (node.prefix / "etc/conf.d").mkdir()
        (node.prefix / "etc/conf.d/www.enterprise.conf").write_text(site)
        at_boot = node.root / "etc/rc.d/rc3.d/S80elasticsearch"
        at_boot.parent.mkdir(parents=True)
        at_boot.symlink_to("../../init.d/elasticsearch")
    if node.role is Role.GATEWAY:
        _says(node.prefix / "bin/wk-gateway-configure", "nothing, in the demo")
    if node.role is Role.COMPUTE:
        drop_in = node.root / "etc/sudoers.d/wakari_sudo"
        drop_in.parent.mkdir()
        drop_in.write_text(f"Defaults:{user} !requiretty, visiblepw\n{user} ALL=(ALL) NOPASSWD: ALL\n")
        for name, version in _LIBRARIES.items():
            _empty(node.root / f"usr/lib64/{name}.so.{version}")
        for name in _FONTS.values():
            _empty(node.root / "usr/share/fonts" / name)
        (node.prefix / "lib/node_modules/wakari-compute-launcher/skeleton").mkdir(parents=True)
        anaconda = node.prefix.parent / "anaconda"
        (anaconda / "pkgs").mkdir(parents=True)
        for tool in (anaconda / "bin/conda", anaconda / "bin/anaconda", node.prefix / "bin/start-project"):
            _says(tool, "nothing, in the demo")
        (anaconda / ".condarc").write_text(_CONDARC)
        client = node.root / "etc/xdg/binstar/config.yaml"
        client.parent.mkdir(parents=True)
        client.write_text("url: http://repo.example.com:8080/api\n")


def _empty(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _says(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    path.chmod(0o700)
