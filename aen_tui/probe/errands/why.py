"""Why a project does not start or work: its folder (as the login user), and what the node says of it. One row.

order = {"do": "folder", "project": "alice/churn", "projects_root", "prefix": "/opt/wakari"}; never as root
row = {"path", "state": "folder" | "link" | "file" | "absent" | "closed" | "hung", "problem", "target": of a link,
    "owner_state": the same of the owner's folder, "uid", "gid", "mode", "user", "acl": [["bob", "rwx"]], "acl_known",
    "metadata": "present" | "absent" | "closed", "env": "complete" | "incomplete" | "absent" | "closed",
    "missing": [...], "account": {"uid", "gid", "home", "shell"} | null, "account_error", "home": "folder" ...,
    "home_uid", "home_mode",
    "disks": [[what, mount, filesystem, available bytes, used percent, inodes percent, read-only]],
    "locks": [[path, pid | null, alive, age seconds]], "looked_as"}
order = {"do": "host", "project", "projects_root", "prefix", "service_account", "uid": n | null,
    "configs": [...], "logs": [...]}
row = {"anon_user": word | null, "anon_exists": bool | null, "sudo_file": "present" | "absent" | "closed",
    "sudo_names": whether it names the service account | null, "tty_free": bool | null, "launcher_pid",
    "nproc": limit of the launcher | null, "nproc_files": [[file, line]], "tasks": of the uid,
    "quota": [used, limit, files, limit] | null, "quota_error", "lines": [[log, line]], "log_errors": [[log, text]]}
"""

import ctypes

LINES, LOG_TAIL, LONGEST = 12, 2097152, 600
ENV = ("bin/python", "bin/activate", "conda-meta/history")
LOCK = re.compile(r"(^|[._-])conda[._]lock|\.conda_lock$|^\.conda\.lock")


def run(order, say):
    if order["do"] == "folder":
        if os.geteuid() == 0 and not ROOT[0]:
            become(*(account(order.get("service_account") or "wakari") or account("nobody") or (65534, 65534)))
        say(folder_row(order))
    else:
        say(host_row(order))


def state_of(path):
    """(state, lstat or None, problem) of a path of the node."""
    try:
        about = os.lstat(at(path))
    except OSError as problem:
        if problem.errno in (errno.ENOENT, errno.ENOTDIR):
            return "absent", None, None
        return "closed", None, why(problem)
    kind = stat.S_IFMT(about.st_mode)
    return {stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}.get(kind, "file"), about, None


def folder_row(order):
    root, project, prefix = order["projects_root"], order["project"], order.get("prefix") or "/opt/wakari"
    path, owner = root + "/" + project, project.split("/")[0]
    row = {"path": path, "looked_as": user_name(os.geteuid()), "target": None, "missing": [], "acl": [], "locks": []}
    row["owner_state"] = state_of(root + "/" + owner)[0]
    row["state"], about, row["problem"] = state_of(path)
    if row["state"] == "link":
        row["target"] = text(os.readlink(at(path)), 500)
        try:
            about = os.stat(at(path))
        except OSError as problem:
            row["problem"] = why(problem)
    if about and not ROOT[0]:  # under a made-up root owners and modes are its maker's
        row.update({"uid": about.st_uid, "gid": about.st_gid, "mode": stat.S_IMODE(about.st_mode)})
        row["user"] = account_named(str(about.st_uid))[0]
        row["acl"], row["acl_known"] = acl_of(at(path))
    row["metadata"] = {"file": "present", "closed": "closed"}.get(state_of(path + "/.metadata.json")[0], "absent")
    row["env"] = env_state(path + "/envs/default", row["missing"])
    found, row["account_error"] = account_line(owner)
    row["account"] = found
    if found:
        row["home"], home, _ = state_of(found["home"])
        if home and not ROOT[0]:
            row.update({"home_uid": home.st_uid, "home_mode": stat.S_IMODE(home.st_mode)})
    places = [("projects", root), ("packages", prefix), ("home", found and found["home"]), ("tmp", "/tmp")]
    row["disks"] = [disk for disk in [disk_row(*one) for one in places if one[1]] if disk]
    for folder in (prefix + "/anaconda/pkgs", prefix + "/anaconda", path + "/envs/default", path + "/envs", path):
        row["locks"] += locks_in(folder)
    return row


def env_state(path, missing):
    state = state_of(path)[0]
    if state == "link":
        state = "folder" if os.path.isdir(at(path)) else "absent"
    if state != "folder":
        return "closed" if state == "closed" else "absent"
    for name in ENV:
        found = state_of(path + "/" + name)[0]
        if found == "closed":
            return "closed"
        if found == "absent":
            missing.append(name)
    return "incomplete" if missing else "complete"


def account_line(name):
    """({"uid", "gid", "home", "shell"} or None, why it may yet be there): by the node's list, then by getent."""
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 6 and name in (word[0], word[2]):
            return named(word), None
    tool = [path for path in ("/usr/bin/getent", "/bin/getent") if os.path.exists(path)]
    if ROOT[0] or not tool or not re.match(r"[\w.@+-]+$", name) or name.startswith("-"):
        return None, None
    said = apart(command([tool[0], "passwd", raw(name)]), 3.0)
    if said is None:
        return None, "getent passwd did not answer within 3 s"
    word = text(said, 2000).split("\n")[0].split(":")
    return (named(word), None) if len(word) > 6 else (None, None)


def named(word):
    row = {"name": text(word[0], 256), "uid": whole(word[2]), "gid": whole(word[3])}
    row.update({"home": text(word[5], 500), "shell": text(word[6].strip(), 200)})
    return row


def account_named(uid):
    found = account_line(uid)[0]
    return (found["name"] if found else None), found


def acl_of(path):
    """([[member, permissions with the mask taken off]], whether ACLs are known there)."""
    libc = ctypes.CDLL(None, use_errno=True)
    space = ctypes.create_string_buffer(8192)
    size = libc.getxattr(path, b"system.posix_acl_access", space, 8192)
    if size < 0:
        return [], ctypes.get_errno() == errno.ENODATA
    data = space.raw[:size]
    entries = [struct.unpack("<HHI", data[place : place + 8]) for place in range(4, len(data) - 7, 8)]
    mask, found = ([bits for tag, bits, _ in entries if tag == 16] or [7])[0], []
    for tag, bits, uid in entries[:100]:
        if tag == 2:
            word = "".join([bits & mask & bit and letter or "-" for bit, letter in ((4, "r"), (2, "w"), (1, "x"))])
            found.append([account_named(str(uid))[0] or str(uid), word])
    return found, True


def disk_row(what, path):
    """[what, mount point, type, available, used percent, inodes used percent, read-only]; or None."""
    table = mount_table()
    point = find_mount(at(path), table)
    kind, read_only = table.get(point, ("", False))
    try:
        used, available, _, inodes = measure(at(path))
    except OSError:
        return None
    percent = round(100.0 * used / (used + available), 1) if used + available else 0.0
    return [what, shown(point), text(kind, 40), available, percent, inodes, read_only]


def locks_in(folder):
    """conda's locks: a file or folder with the pid in its name or in it, left behind where that is gone."""
    try:
        names = [text(name, 300) for name in os.listdir(at(folder))]
    except OSError:
        return []
    rows = []
    for name in [name for name in names if LOCK.search(name)][:20]:
        path = folder + "/" + name
        # beside a package its version has numbers too
        found = re.search(r"\.pid(\d+)\.conda_lock$", name) or re.search(r"conda_lock-(\d+)", name)
        words = found.group(1) if found else peek(at(path), 100)
        pid = whole(re.sub(r"\D.*", "", words.strip())) if words else None
        try:
            age = max(0, int(time.time() - os.lstat(at(path)).st_mtime))
        except OSError:
            continue
        alive = pid is not None and os.path.isdir(proc_at("/proc/%d" % pid))
        rows.append([path, pid, alive, age])
    return rows


def host_row(order):
    prefix, name = order.get("prefix") or "/opt/wakari", order.get("service_account") or "wakari"
    row = {"anon_user": None, "anon_exists": None, "quota": None, "lines": [], "log_errors": [], "nproc_files": []}
    for path in order.get("configs") or []:
        found = re.search(r'"ANON_USER"\s*:\s*"([^"]*)"', peek_plain(path, 262144)[0])
        row["anon_user"] = found.group(1)[:64] if found else row["anon_user"]
    if row["anon_user"] and row["anon_user"] != "disabled":
        found, problem = account_line(row["anon_user"])
        row["anon_exists"] = None if problem else bool(found)
    row.update(sudo_row(name))
    row.update(limits_row(prefix, order.get("uid")))
    if order.get("uid") is not None:
        row["quota"], row["quota_error"] = quota(order["projects_root"], int(order["uid"]))
    for path in order.get("logs") or []:
        lines, problem = lines_with(path, raw(order["project"]))
        row["lines"] += [[path, line] for line in lines]
        if problem:
            row["log_errors"].append([path, problem])
    return row


def peek_plain(path, most, tail=False):
    """(the first or last bytes of a regular file as text, why not); no link is followed under sudo."""
    try:
        fd = os.open(at(path), os.O_RDONLY | os.O_NONBLOCK | O_CLOEXEC | NO_FOLLOW[0])
    except (IOError, OSError) as problem:
        return "", "absent" if problem.errno == errno.ENOENT else why(problem)
    try:
        about = os.fstat(fd)
        if not stat.S_ISREG(about.st_mode):
            return "", "not a regular file"
        if tail:
            os.lseek(fd, max(0, about.st_size - most), 0)
        parts = []
        while most > 0:
            data = os.read(fd, min(most, 262144))
            if not data:
                break
            parts.append(data)
            most -= len(data)
        return text(b"".join(parts), LOG_TAIL), None
    except (IOError, OSError) as problem:
        return "", why(problem)
    finally:
        os.close(fd)


def sudo_row(name):
    """The drop-in that lets the service account act for users (its name is documented)."""
    words, problem = peek_plain("/etc/sudoers.d/wakari_sudo", 65536)
    if problem:
        closed = problem != "absent" or not os.access(at("/etc/sudoers.d"), os.X_OK)
        return {
            "sudo_file": "closed" if closed and problem != "absent" else "absent",
            "sudo_names": None,
            "tty_free": None,
        }
    plain = [line for line in words.splitlines() if not line.strip().startswith("#")]
    has = [line for line in plain if re.match(re.escape(name) + r"[\s,]", line.strip())]
    free = [line for line in plain if "!requiretty" in line]
    return {"sudo_file": "present", "sudo_names": bool(has), "tty_free": bool(free)}


def limits_row(prefix, uid):
    """Most processes that the launcher's children may have, and how many tasks a user has."""
    row, tasks = {"launcher_pid": None, "nproc": None, "nproc_files": []}, 0
    folder = at("/proc") if ROOT[0] and os.path.isdir(at("/proc")) else b"/proc"
    launcher = prefix + "/wakari-compute/"
    for pid in [name for name in os.listdir(folder) if name.isdigit()]:
        status = peek(folder + b"/" + pid + b"/status", 4096)
        found, threads = re.search(r"^Uid:\s*(\d+)", status, re.M), re.search(r"^Threads:\s*(\d+)", status, re.M)
        if uid is not None and found and int(found.group(1)) == uid:
            tasks += int(threads.group(1)) if threads else 1
        if row["launcher_pid"] is None and launcher in peek(folder + b"/" + pid + b"/cmdline", 4096):
            limit = re.search(r"^Max processes\s+(\S+)", peek(folder + b"/" + pid + b"/limits", 4096), re.M)
            row.update({"launcher_pid": int(pid), "nproc": whole(limit.group(1)) if limit else None})
    names = ["/etc/security/limits.conf"]
    try:
        names += ["/etc/security/limits.d/" + text(name) for name in sorted(os.listdir(at("/etc/security/limits.d")))]
    except OSError:
        pass
    for name in names[:40]:
        for line in peek(at(name), 65536).splitlines():
            if re.match(r"\s*[^#\s]+\s+(soft|hard|-)\s+nproc\s", line):
                row["nproc_files"].append([name, " ".join(line.split())[:200]])
    row["tasks"] = tasks if uid is not None else None
    return row


def quota(root, uid):
    """([used, limit, files, limit] or None, why not); nothing where there are no quotas."""
    if ROOT[0]:
        return None, None  # there is no such filesystem
    source = mount_of(leads_to(root))[1]
    figures, number = quota_of(source, uid)
    if figures or number == errno.ESRCH:
        return figures, None
    if number == errno.ENOTBLK:
        return None, "no quota is told of %s" % (source or "this filesystem")
    return None, "only root may ask" if number in (errno.EPERM, errno.EACCES) else os.strerror(number).lower()


def lines_with(path, word):
    """The last lines of a log's end that name a project, secrets masked."""
    words, problem = peek_plain(path, LOG_TAIL, True)
    pattern = re.compile(re.escape(text(word, 600)) + r"(?![\w.-])")
    found = [line for line in words.splitlines() if pattern.search(line)][-LINES:]
    return [masked_text(line)[:LONGEST] for line in found], problem
