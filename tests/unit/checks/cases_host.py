"""The machine departs from what is documented."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.model.node import Role
from aen_tui.model.node_facts import ProgramFacts, ProjectProcess, RunningProcess, Selinux
from aen_tui.model.severity import Severity
from tests.support.node_facts import GB, account, path_facts
from tests.support.nodes import service
from tests.support.preflight_cases import DAY, Case, programs

W, C, U = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN
JAVA_6 = ProgramFacts("/usr/bin/java", 'java version "1.6.0_45" / Java(TM) SE Runtime Environment')
OPEN_8 = ProgramFacts("/usr/bin/java", 'openjdk version "1.8.0_65" / OpenJDK 64-Bit Server VM')
SUSPENDED = "/opt/wakari/wakari-server/etc/supervisord/conf.d/wk-server.conf.SUSPEND"
HIDEPID = "/proc shows this account its own processes only (hidepid)"
CASES = [
    Case("os-release", Role.GATEWAY, W, "release 5.11", {"release": "CentOS release 5.11 (Final)"}),
    Case("os-release", Role.GATEWAY, W, "7.9", {"release": "CentOS Linux release 7.9.2009 (Core)"}),
    Case("memory-size", Role.GATEWAY, W, "1.0 GB", {"memory_bytes": GB}),
    Case("core-count", Role.COMPUTE, W, "1 core", {"cores": 1}),
    Case(
        "disk-size", Role.COMPUTE, W, "/projects", {"paths": {"/projects": path_facts("/projects", total_bytes=9 * GB)}}
    ),
    Case(
        "disk-size",
        Role.COMPUTE,
        U,
        "hung",
        {"paths": {"/projects": path_facts("/projects", error="hung", total_bytes=None)}},
    ),
    Case("one-filesystem", Role.COMPUTE, W, "different", {"paths": {"/projects": path_facts("/projects", device=7)}}),
    Case("ports-listening", Role.GATEWAY, C, "8089", {"ports": {"8089": False}}),
    Case("selinux-mode", Role.COMPUTE, C, "is enforcing", {"selinux": Selinux("enforcing", {})}),
    Case(
        "selinux-mode",
        Role.SERVER,
        W,
        "next boot",
        {"selinux": Selinux("disabled", {"/etc/sysconfig/selinux": "enforcing"})},
    ),
    Case("selinux-mode", Role.SERVER, U, "does not say", {"selinux": Selinux(None, {})}),
    Case(
        "acl-support",
        Role.COMPUTE,
        C,
        "/projects (ext4",
        {"paths": {"/projects": path_facts("/projects", acl="no", filesystem="ext4")}},
    ),
    Case(
        "acl-support",
        Role.COMPUTE,
        C,
        "/opt/wakari",
        {"paths": {"/opt/wakari": path_facts("/opt/wakari", acl=None, options="rw,noacl")}},
    ),
    Case(
        "acl-support",
        Role.COMPUTE,
        U,
        "the kernel does not say",
        {"paths": {"/projects": path_facts("/projects", acl=None, options="rw")}},
    ),
    Case("accounts", Role.COMPUTE, C, "wakari", {"accounts": {"wakari": None}}),
    Case("accounts", Role.SERVER, W, "mongod or mongodb", {"accounts": {"mongod": None}}),
    Case(
        "accounts",
        Role.SERVER,
        U,
        "no answer",
        {"accounts": {"mongod": None}, "accounts_error": "getent gave no answer"},
    ),
    Case(
        "home-directories",
        Role.COMPUTE,
        W,
        "/home/public",
        {"accounts": {"public": replace(account(9, "/home/public"), has_home=False)}},
    ),
    Case(
        "mongodb-version",
        Role.SERVER,
        W,
        "MongoDB 4.0.3",
        programs(mongod=ProgramFacts("/usr/bin/mongod", "db version v4.0.3")),
    ),
    Case("mongodb-version", Role.SERVER, W, "not installed", programs(mongod=None)),
    Case(
        "nginx-version",
        Role.SERVER,
        W,
        "1.4.0",
        programs(nginx=ProgramFacts("/usr/sbin/nginx", "nginx version: nginx/1.4.0")),
    ),
    Case("nginx-version", Role.SERVER, C, "not installed", programs(nginx=None)),
    Case(
        "elasticsearch-version",
        Role.SERVER,
        W,
        "1.4.2",
        programs(elasticsearch=ProgramFacts("/x/elasticsearch-1.4.2.jar")),
    ),
    Case("java-version", Role.SERVER, W, "Java 6", programs(java=JAVA_6)),
    Case("java-version", Role.SERVER, W, "not Oracle's", programs(java=OPEN_8)),
    Case("java-version", Role.SERVER, W, "no Java", programs(java=None)),
    Case("git-installed", Role.COMPUTE, W, "git", programs(git=None)),
    Case("bzip2-installed", Role.SERVER, W, "bzip2", programs(bzip2=None)),
    Case("shell", Role.COMPUTE, W, "bash", programs(bash=None, zsh=None)),
    Case("shell", Role.COMPUTE, W, "/bin/tcsh", {"accounts": {"wakari": account(498, "/home/wakari", "/bin/tcsh")}}),
    Case("x-libraries", Role.COMPUTE, W, "libXt", {"libraries": {"libXt": False, "libSM": True}}),
    Case("sudo-access", Role.COMPUTE, W, "not installed", {"sudo_mode": None}),
    Case("sudo-access", Role.COMPUTE, W, "setuid", {"sudo_mode": 0o111}),
    Case("sudo-access", Role.COMPUTE, W, "password", connection={"notes": ("sudo: a password is required",)}),
    Case("clock-skew", Role.COMPUTE, C, "86,400 s ahead", connection={"skew_seconds": DAY}),
    Case("clock-skew", Role.COMPUTE, W, "7 s behind", connection={"skew_seconds": -7.0}),
    Case(
        "service-account-apps",
        Role.COMPUTE,
        W,
        "alice/churn",
        apps={"projects": (ProjectProcess(71, "alice/churn", "python"),)},
    ),
    Case(
        "process-users",
        Role.GATEWAY,
        C,
        "runs as root",
        apps={"processes": (RunningProcess("supervisord", 9, 1, "root", "wakari-gateway"),)},
    ),
    Case(
        "process-users",
        Role.SERVER,
        C,
        "wakari-server-root is stopped",
        {"suspended": (SUSPENDED,)},
        services=(service("wakari-server-root", None, "STOPPED"),),
    ),
    *(
        Case("process-users", Role.SERVER, U, "could not be seen", {"suspended": (SUSPENDED,)}, services=seen)
        for seen in ((), (service("wakari-server-root", None, "unknown"),))
    ),
    Case(
        "process-users",
        Role.GATEWAY,
        U,
        "runs as uid 70123",
        apps={"processes": (RunningProcess("supervisord", 9, 1, "70123", "wakari-gateway"),), "account_uid": None},
    ),
    Case("service-account-apps", Role.COMPUTE, U, "is not seen: /proc shows", apps={"blind": HIDEPID}),
    Case("process-users", Role.GATEWAY, U, "is not seen: /proc shows", apps={"blind": HIDEPID, "processes": ()}),
    Case("program-users", Role.GATEWAY, U, "is not seen", apps={"blind": HIDEPID}, install={"processes": ()}),
    Case("working-folders", Role.COMPUTE, U, "are not seen", apps={"blind": HIDEPID}, install={"processes": ()}),
    Case("service-account-apps", Role.COMPUTE, U, "knows no such account", apps={"account_uid": None}),
    Case("process-users", Role.SERVER, W, "no worker", apps={"processes": (RunningProcess("nginx", 9, 1, "root"),)}),
    Case("project-sources", Role.COMPUTE, W, "skeleton", programs(skeleton=None)),
    Case("differs", Role.COMPUTE, W, "wakari-version 4.2.0 instead of", {"packages": {"wakari-version": "4.2.0"}}),
]
