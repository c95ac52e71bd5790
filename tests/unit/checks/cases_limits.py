"""Figures at which a verdict turns: the last one that is not well, and the first that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aen_tui.model.node import Role
from aen_tui.model.node_facts import ProgramFacts, RunningProcess
from aen_tui.model.severity import Severity
from tests.support.node_facts import GB, path_facts
from tests.support.nodes import NOW_WALL
from tests.support.preflight_cases import DAY, Case, certificate, gateway_config, programs

W, C, U, OK = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.OK
VERSION_OF = {
    "mongod": ("/usr/bin/mongod", "db version v{}"),
    "nginx": ("/usr/sbin/nginx", "nginx version: nginx/{}"),
    "elasticsearch": ("/x/elasticsearch-{}.jar", ""),
    "java": ("/usr/bin/java", 'java version "{}" / Java(TM) SE Runtime Environment'),
}


def installed(program: str, version: str) -> dict[str, Any]:
    path, text = (words.format(version) for words in VERSION_OF[program])
    return programs(**{program: ProgramFacts(path, text)})


def sized(path: str, size: int) -> dict[str, Any]:
    return {"paths": {path: path_facts(path, total_bytes=size)}}


def skewed(seconds: float) -> dict[str, Any]:
    return {"skew_seconds": seconds}


def expires(days: float, **changes: Any) -> dict[str, Any]:
    return {"certificates": (certificate(days, **changes),)}


def released(release: str, version: str = "4.1.2") -> dict[str, Any]:
    return {"release": f"CentOS release {release} (Final)", "packages": {"wakari-version": version}}


def nginx(master: str, *workers: str) -> dict[str, Any]:
    found = (RunningProcess("nginx", 9, 1, master), *(RunningProcess("nginx", 10, 9, worker) for worker in workers))
    return {"processes": found}


def supervisor(user: str) -> dict[str, Any]:
    return {"processes": (RunningProcess("supervisord", 9, 1, user, "wakari-gateway"),)}


def licensed(days: int) -> dict[str, Any]:
    return {"license_expires": datetime.fromtimestamp(NOW_WALL, UTC).date() + timedelta(days)}


CASES = [
    Case("memory-size", Role.GATEWAY, W, "1.8 GB", {"memory_bytes": 1_799_999_999}),
    Case("disk-size", Role.GATEWAY, W, "10 GB wanted", sized("/opt/wakari", 10 * GB - 1)),
    Case("disk-size", Role.COMPUTE, W, "20 GB wanted", sized("/projects", 20 * GB - 1)),
    Case("clock-skew", Role.COMPUTE, W, "5 s ahead", connection=skewed(5.0)),
    Case("clock-skew", Role.COMPUTE, W, "59 s behind", connection=skewed(-59.4)),
    Case("clock-skew", Role.COMPUTE, C, "60 s behind", connection=skewed(-60.0)),
    Case("certificate-dates", Role.SERVER, C, "within a day", settings=expires(0.0)),
    Case("certificate-dates", Role.SERVER, W, "within 1 days", settings=expires(1.0)),
    Case("certificate-dates", Role.SERVER, W, "in 7 days", settings=expires(7.0)),
    Case("certificate-dates", Role.SERVER, C, "for another 2", settings=expires(90, not_before=NOW_WALL + 2 * DAY)),
    Case("mongodb-version", Role.SERVER, W, "2.6.7", installed("mongod", "2.6.7")),
    Case("mongodb-version", Role.SERVER, W, "MongoDB 3.0,", installed("mongod", "3.0")),
    Case("mongodb-version", Role.SERVER, U, "could not be seen", installed("mongod", "?")),
    Case("nginx-version", Role.SERVER, W, "1.6.1", installed("nginx", "1.6.1")),
    Case("elasticsearch-version", Role.SERVER, W, "1.7.1", installed("elasticsearch", "1.7.1")),
    Case("java-version", Role.SERVER, W, "Java 9", installed("java", "9")),
    Case("java-version", Role.SERVER, W, "Java 11", installed("java", "11.0.2")),
    Case("java-version", Role.SERVER, U, "does not say", installed("java", "?")),
    Case("os-release", Role.GATEWAY, W, "release 6.4 ", released("6.4")),
    Case("os-release", Role.GATEWAY, W, "release 7.3 ", released("7.3")),
    Case("os-release", Role.GATEWAY, W, "release 8.0 ", released("8.0", "4.3.1")),
    Case("process-users", Role.SERVER, W, "master runs as wakari", apps=nginx("wakari", "nginx")),
    Case("process-users", Role.SERVER, W, "workers run as nobody", apps=nginx("root", "nginx", "nobody")),
    Case("process-users", Role.GATEWAY, C, "runs as 70123", apps=supervisor("70123")),
    Case("process-users", Role.GATEWAY, C, "runs as bob", apps=supervisor("bob") | {"account_uid": None}),
    Case("license", Role.SERVER, C, "expired on 2026-11-20", inventory=licensed(-1)),
    Case("license", Role.SERVER, W, "expires in 0 days", inventory=licensed(0)),
    Case("license", Role.SERVER, W, "expires in 29 days", inventory=licensed(29)),
    Case("config-owner", Role.GATEWAY, U, "is not known", settings=gateway_config(owner=None)),
]
FINE = {
    "just enough memory": Case("memory-size", Role.GATEWAY, OK, "1.8 GB", {"memory_bytes": 1_800_000_000}),
    "two cores": Case("core-count", Role.GATEWAY, OK, "2 cores", {"cores": 2}),
    "just enough disk": Case("disk-size", Role.GATEWAY, OK, "10.0 GB", sized("/opt/wakari", 10 * GB)),
    "just enough disk for projects": Case("disk-size", Role.COMPUTE, OK, "20.0 GB", sized("/projects", 20 * GB)),
    "a clock that is less than 5 s off": Case("clock-skew", Role.COMPUTE, OK, "4.99 s", connection=skewed(-4.99)),
    "a certificate of 30 days": Case("certificate-dates", Role.SERVER, OK, "30 days left", settings=expires(30.0)),
    "the first MongoDB": Case("mongodb-version", Role.SERVER, OK, "2.6.8", installed("mongod", "2.6.8")),
    "the last MongoDB": Case("mongodb-version", Role.SERVER, OK, "2.6.99", installed("mongod", "2.6.99")),
    "the first nginx": Case("nginx-version", Role.SERVER, OK, "1.6.2", installed("nginx", "1.6.2")),
    "a later Elasticsearch": Case(
        "elasticsearch-version", Role.SERVER, OK, "1.10.0", installed("elasticsearch", "1.10.0")
    ),
    "Java 7": Case("java-version", Role.SERVER, OK, "JRE 7", installed("java", "1.7.0_80")),
    "the first release": Case("os-release", Role.GATEWAY, OK, "6.5", released("6.5")),
    "the last release": Case("os-release", Role.GATEWAY, OK, "7.2", released("7.2")),
    "a later release of a later AEN": Case("os-release", Role.GATEWAY, OK, "is later", released("7.3", "4.1.3")),
    "another distribution": Case("os-release", Role.GATEWAY, OK, "supported", {"release": "Debian GNU/Linux 8.11"}),
    "root without sudo": Case("sudo-access", Role.COMPUTE, OK, "as root", {"uid": 0, "sudo_mode": None}),
    "a license of 30 days": Case("license", Role.SERVER, OK, "30 days", inventory=licensed(30)),
    "zsh alone": Case("shell", Role.COMPUTE, OK, "zsh", programs(bash=None, zsh=ProgramFacts("/bin/zsh"))),
    "an owner of the account's number": Case(
        "config-owner", Role.GATEWAY, OK, "belongs to svc", settings=gateway_config(owner="svc", uid=498)
    ),
}
OF_40 = [
    Case("nginx-version", Role.SERVER, W, "1.3.9", installed("nginx", "1.3.9")),
    Case("nginx-version", Role.SERVER, OK, "1.4.0", installed("nginx", "1.4.0")),
    Case("disk-size", Role.GATEWAY, W, "5 GB wanted", sized("/opt/wakari", 5 * GB - 1)),
    Case("disk-size", Role.GATEWAY, OK, "5.0 GB", sized("/opt/wakari", 5 * GB)),
    Case("java-version", Role.SERVER, W, "wanted Oracle JRE 8", installed("java", "1.7.0_80")),
    Case("os-release", Role.GATEWAY, OK, "6.7", released("6.7")),
    Case("os-release", Role.GATEWAY, OK, "of 4.0 assumes 6.7", released("7.2")),
    Case("os-release", Role.GATEWAY, W, "AEN 4.0 is documented for 6.7", released("6.4")),
]
"""By the runbook of 4.0 (seed 004)."""
