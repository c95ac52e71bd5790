"""Project folders against the documented scheme: owner rwx, group rwx, others --x, rwx by ACL for the team (seed 002).

order = {"projects_root": "/projects", "service_account": "wakari"}. One row:
{"owners": n, "projects": n, "closed": names of owners whose folders may not be listed (20), "closed_count": n,
"departures": {word: {"count": n, "projects": [20 names]}}, "acl": "yes" | "no" | null, "user": who looked,
"error": null | text, "names_error": null | text}

Words: service-owner, no-owner, other-owner, owner-mode, group-mode, others-more, others-less, member-acl, no-folder;
of what is inside, one level deep, for ten seconds, as far as it may be seen: public-closed, public-inside, inside-open.
"insides": how many projects were looked into.
Root gives itself up first: /projects is never read as root.
"""

import ctypes

MOST, NAMED, MOST_INSIDE, INSIDE_SECONDS = 50000, 20, 500, 10.0
ACL_USER, ACL_MASK = 2, 16


def run(order, say):
    account_name = order.get("service_account") or "wakari"
    give_up_root(account_name)
    root = order.get("projects_root") or "/projects"
    row = {"owners": 0, "projects": 0, "closed": [], "closed_count": 0, "departures": {}, "acl": None, "error": None}
    row["insides"] = 0
    row["user"] = user_name(os.geteuid())
    found, row["names_error"] = [], None
    try:
        owners = sorted(os.listdir(at(root)))
        row["acl"] = acl_of(at(root))[1]
    except OSError as problem:
        owners, row["error"] = [], "absent" if problem.errno == errno.ENOENT else why(problem)
    for owner in owners:
        if not owner.startswith(b".") and owner != b"lost+found":
            under(at(root) + b"/" + owner, owner, row, found)
    names, row["names_error"] = user_names(set([about.st_uid for _, about, _ in found]))
    own = set([uid for uid, name in names.items() if name == account_name] + [0])
    for name, about, acl in () if ROOT[0] else found:  # under a made-up root owners and modes are its maker's
        for word in departures(name, about, acl, names, own, row["names_error"]):
            note(row, word, name)
    row["projects"] = len(found)
    began = monotonic()
    for name, about, _ in () if ROOT[0] else found:
        if stat.S_ISDIR(about.st_mode) and monotonic() - began < INSIDE_SECONDS:
            row["insides"] += 1
            for word in inside(at(root) + b"/" + name, own):
                note(row, word, name)
    say(row)


def note(row, word, name):
    part = row["departures"].setdefault(word, {"count": 0, "projects": []})
    part["count"] += 1
    if len(part["projects"]) < NAMED:
        part["projects"].append(text(name, 300))


def inside(path, linked):
    """What of a project's public folder is not open to anyone, and whether anyone may write something beside it.

    What belongs to root or the service account may be hard-linked, and start-project leaves it as it is.
    """
    found = []
    try:
        public = os.lstat(path + b"/public")
    except OSError:
        public = None
    if public and stat.S_ISDIR(public.st_mode):
        entries = [mode for _, mode in entries_of(path + b"/public", linked)]
        found += ["public-closed"] * (public.st_mode & 5 != 5)
        closed = [mode for mode in entries if ~mode & (stat.S_ISDIR(mode) and 5 or 4)]
        found += ["public-inside"] * (bool(closed) and not found)
    return found + ["inside-open"] * bool(
        [name for name, mode in entries_of(path, linked) if mode & 2 and name != b"public"]
    )


def entries_of(path, linked):
    """(name, mode) of a folder's files and folders, links and what is hard-linked left out; empty where not allowed."""
    found = []
    try:
        for name in os.listdir(path)[:MOST_INSIDE]:
            about = os.lstat(path + b"/" + name)
            if about.st_uid not in linked and not stat.S_ISLNK(about.st_mode):
                found.append((name, about.st_mode))
    except OSError:
        pass
    return found


def give_up_root(name):
    """To the service account, or nobody; but under a made-up root, whose files are all its maker's."""
    if os.geteuid() == 0 and not ROOT[0]:
        become(*(account(name) or account("nobody") or (65534, 65534)))


def under(folder, owner, row, found):
    """An owner's projects; of what is removed meanwhile nothing is told."""
    names, problems = [], []
    try:
        if stat.S_ISDIR(os.lstat(folder).st_mode):
            row["owners"] += 1
            names = sorted(os.listdir(folder))
    except OSError as problem:
        problems.append(problem.errno)
    for name in names:
        if len(found) < MOST and not name.startswith(b"."):
            path = folder + b"/" + name
            try:
                found.append((owner + b"/" + name, os.lstat(path), acl_of(path)[0]))
            except OSError as problem:
                problems.append(problem.errno)
    if set(problems) - set([errno.ENOENT, errno.ESTALE]):
        row["closed_count"] += 1
        if len(row["closed"]) < NAMED:
            row["closed"].append(text(owner, 300))


def acl_of(path):
    """(permissions of the team's members by ACL, with the mask taken off; yes | no | None: whether ACLs are known)."""
    libc = ctypes.CDLL(None, use_errno=True)
    space = ctypes.create_string_buffer(8192)
    size = libc.lgetxattr(path, b"system.posix_acl_access", space, 8192)
    if size < 0:
        return [], known(ctypes.get_errno())
    data = space.raw[:size]
    entries = [struct.unpack("<HHI", data[place : place + 8]) for place in range(4, len(data) - 7, 8)]
    mask = ([bits for tag, bits, _ in entries if tag == ACL_MASK] or [7])[0]
    return [bits & mask for tag, bits, _ in entries if tag == ACL_USER], "yes"


def known(number):
    return "yes" if number == errno.ENODATA else "no" if number == errno.EOPNOTSUPP else None


def departures(name, about, acl, names, own, unsure):
    """What of a folder is not as documented, in words."""
    if not stat.S_ISDIR(about.st_mode):
        return ["no-folder"]
    found, owner = [], text(name, 600).split("/")[0]
    known_as = names.get(about.st_uid)
    if about.st_uid in own and known_as != owner:
        found.append("service-owner")
    elif known_as is None:
        found += [] if unsure else ["no-owner"]
    elif known_as != owner:
        found.append("other-owner")
    bits = about.st_mode & 0o777
    found += ["owner-mode"] * (bits >> 6 != 7) + ["group-mode"] * (bits >> 3 & 7 != 7)
    found += ["others-more"] * bool(bits & 6) + ["others-less"] * (not bits & 1)
    return found + ["member-acl"] * bool([one for one in acl if one != 7])


def user_names(uids):
    """({uid: name}, why some may be missing): by the node's own list, then by getent, which may ask a directory."""
    names, problem = {}, None
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[2].isdigit():
            names.setdefault(int(word[2]), word[0])
    left = sorted([uid for uid in uids if uid not in names])
    tool = [path for path in ("/usr/bin/getent", "/bin/getent") if os.path.exists(path)]
    for place in range(0, len(left) if tool and not ROOT[0] else 0, 200):
        said = asked([tool[0], "passwd"] + [str(uid) for uid in left[place : place + 200]])
        if said is None:
            problem = "getent passwd did not answer within 5 s"
            break
        for line in said.splitlines():
            word = line.split(":")
            if len(word) > 4 and word[2].isdigit():
                names.setdefault(int(word[2]), word[0])
    return names, problem


def asked(argv):
    """What a program said; None where it did not end within 5 s."""
    answer = apart(command(argv), 5.0)
    return None if answer is None else text(answer, 65536)
