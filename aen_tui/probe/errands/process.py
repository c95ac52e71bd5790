"""What a process was started with and what it costs, to compare an old one with a new one. Reads only; one row.

order = {"pid": 303}
row = {"uid": 500, "nice": 0, "started": epoch, "cwd": "/opt/..." | null,
"limits": {"Max open files": "1024 4096 files"}, "rss_bytes": n | null, "cpu_seconds": f | null,
"errors": ["cwd: permission denied"]};
{"error": text} without one
"""


def run(order, say):
    folder, errors = proc_at("/proc/%d" % int(order["pid"])), []
    about = process(int(order["pid"]))
    if not about or not os.path.isdir(folder):
        say({"error": "there is no process %d" % int(order["pid"])})
        return
    row = {"uid": None, "nice": None, "cwd": None, "limits": {}, "rss_bytes": None, "cpu_seconds": None}
    row["started"] = about[1]
    for line in part(folder, "status", errors).splitlines():
        words = line.split()
        if words[:1] == ["Uid:"] and len(words) > 2:
            row["uid"] = int(words[2])
        elif words[:1] == ["VmRSS:"] and len(words) > 1:
            row["rss_bytes"] = int(words[1]) * 1024
    words = part(folder, "stat", errors).rpartition(")")[2].split()
    if len(words) > 16:
        row["nice"] = int(words[16])
        row["cpu_seconds"] = (int(words[11]) + int(words[12])) / float(os.sysconf("SC_CLK_TCK"))
    for line in part(folder, "limits", errors).splitlines()[1:]:
        row["limits"][text(line[:26].strip(), 60)] = text(" ".join(line[26:].split()), 80)
    try:
        row["cwd"] = text(os.readlink(folder + b"/cwd"), 500)
    except OSError as error:
        errors.append("cwd: " + why(error))
    row["errors"] = errors
    say(row)


def part(folder, name, errors):
    """A file of the process; what may not be read is said."""
    try:
        with open(folder + b"/" + raw(name), "rb") as opened:
            return text(opened.read(65536), 65536)
    except (OSError, IOError) as error:
        errors.append(name + ": " + why(error))
        return ""
