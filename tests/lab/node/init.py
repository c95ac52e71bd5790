"""Pid 1 of a lab node: builds the node's root, boots its services, reaps, and goes when its standard input ends.

Started by `unshare --mount --net --uts --ipc --pid --fork`. Reads one JSON line (tests/lab/lab.py writes it), answers
with JSON lines on standard output: {"pid": host pid}, then {"ready": true} or {"error": text}.
When pid 1 ends the kernel kills every other process of the node and drops its mounts and network, so the end of
the process that holds the other end of standard input is always the end of the node.
"""
import ctypes
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_RDONLY, MS_REMOUNT = 0x1000, 2, 4, 8, 1, 0x20
PORT_DEADLINE_SECONDS = 150


def mount(source, target, kind, flags=0, data=""):
    code = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, "mount %s on %s: %s" % (kind or source, target, os.strerror(number)))


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def build_root(spec):
    """Overlay of the layers and of `/`, with file systems of its own for what a machine has of its own."""
    base = spec["mount_folder"]
    mount("aen-lab", base, "tmpfs", MS_NODEV, "mode=0755")
    upper, work, root = base + "/upper", base + "/work", base + "/root"
    for folder in (upper, work, root):
        os.mkdir(folder, 0o755)
    layers = ":".join(spec["layers"] + ["/"])
    mount("overlay", root, "overlay", 0, "lowerdir=%s,upperdir=%s,workdir=%s" % (layers, upper, work))
    mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    try:
        mount("sysfs", root + "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)
    except OSError:
        pass  # only /sys/class/net would be wrong
    for folder, mode in (("/run", "0755"), ("/tmp", "1777"), ("/dev", "0755")):
        mount("tmpfs", root + folder, "tmpfs", MS_NOSUID, "mode=" + mode)
    build_dev(root + "/dev")
    os.makedirs(root + "/run/sshd", 0o755)
    os.makedirs(root + "/run/lock", 0o1777)
    os.mkdir(root + "/run/lab", 0o700)
    os.mkdir(root + "/run/lab/upper", 0o755)
    mount(upper, root + "/run/lab/upper", "", MS_BIND)
    for source, target in spec["binds"]:
        mount(source, root + target, "", MS_BIND)
        mount(source, root + target, "", MS_BIND | MS_REMOUNT | MS_RDONLY)
    for path in spec["remove"]:
        if os.path.lexists(root + path):
            os.unlink(root + path)
    for entry in spec["files"]:
        write_file(root, **entry)
    os.chdir(root)
    subprocess.check_call(["pivot_root", ".", "."])
    subprocess.check_call(["umount", "-l", "."])
    os.chdir("/")


def build_dev(folder):
    for name, major, minor in (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)):
        os.mknod(folder + "/" + name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        os.chmod(folder + "/" + name, 0o666)
    for name in ("pts", "shm"):
        os.mkdir(folder + "/" + name, 0o755)
    mount("devpts", folder + "/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5")
    mount("tmpfs", folder + "/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    os.symlink("pts/ptmx", folder + "/ptmx")
    os.symlink("/proc/self/fd", folder + "/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink("/proc/self/fd/%d" % number, folder + "/" + name)


def write_file(root, path, text, mode, owner, append=False):
    full = root + path
    if not os.path.isdir(os.path.dirname(full)):
        os.makedirs(os.path.dirname(full), 0o755)
    with open(full, "a" if append else "w") as file:
        file.write(text)
    os.chmod(full, mode)
    os.chown(full, owner[0], owner[1])


def listening_ports():
    ports = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(name) as table:
                lines = table.readlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A":
                ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports


def boot(spec):
    """Starts the services and waits until their ports listen and supervisord says that its programs run."""
    for argv in spec["boot"]:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"})
        if done.returncode != 0:
            raise RuntimeError("%s: exit %d: %s" % (argv, done.returncode, done.stdout.decode("utf-8", "replace")))
    wanted_ports = set(spec["ports"])
    wanted_texts = [(path, text) for path, text in spec["wait_for"]]
    deadline = time.monotonic() + PORT_DEADLINE_SECONDS
    while wanted_texts or wanted_ports:
        wanted_ports -= listening_ports() if wanted_ports else set()
        wanted_texts = [(path, text) for path, text in wanted_texts if not file_holds(path, text)]
        reap()
        if time.monotonic() > deadline:
            raise RuntimeError("not up in %d s: ports %s, texts %s" % (PORT_DEADLINE_SECONDS, sorted(wanted_ports), wanted_texts))
        time.sleep(0.05)


def file_holds(path, text):
    try:
        with open(path) as file:
            return text in file.read()
    except OSError:
        return False


def reap():
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def main():
    os.umask(0o022)
    # The /proc still seen is the outer one, whose "self" is the pid out there.
    say({"pid": int(os.readlink("/proc/self"))})
    spec = json.loads(sys.stdin.buffer.readline().decode())
    try:
        socket.sethostname(spec["name"])
        build_root(spec)
        if sys.stdin.buffer.readline() != b"network\n":
            return
        subprocess.run(["ip", "-batch", "-"], input="\n".join(spec["network"]).encode(), check=True)
        boot(spec)
    except Exception as error:
        say({"error": "%s: %s" % (type(error).__name__, error)})
        return
    say({"ready": True})
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    while True:
        reap()
        readable, _, _ = select.select([sys.stdin, awake], [], [])
        if awake in readable:
            os.read(awake, 4096)
        if sys.stdin in readable and not os.read(0, 4096):
            return


main()
