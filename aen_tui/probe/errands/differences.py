"""What makes a compute differ from its neighbours: conda's packages, supervisor's programs. Reads names and settings.

order = {"prefixes": ["/opt/wakari/anaconda"], "supervisors": ["/opt/wakari/wakari-compute"]}.
One row a part: {"name": "packages of /opt/wakari/anaconda", "lines": ["numpy 1.9.2 py27_0"], "error": null}.
"""

MOST_LINES = 3000
PROGRAM_KEYS = ["command", "directory", "user", "numprocs", "autostart", "autorestart", "startsecs", "stopwaitsecs"]


def run(order, say):
    for prefix in order.get("prefixes") or []:
        say(part("packages of " + prefix, lambda: packages(prefix)))  # noqa: B023 - it is called in this turn
    for prefix in order.get("supervisors") or []:
        say(part("programs of " + os.path.basename(prefix), lambda: programs(prefix)))  # noqa: B023 - the same


def part(name, look):
    """A part, or why there is none."""
    try:
        lines = look()
    except (IOError, OSError) as problem:
        return {"name": name, "lines": [], "error": why(problem)}
    error = None if len(lines) <= MOST_LINES else "%d more lines" % (len(lines) - MOST_LINES)
    return {"name": name, "lines": [text(line, 300) for line in lines[:MOST_LINES]], "error": error}


def packages(prefix):
    """NAME VERSION BUILD of each package, by the names in conda's folder of metadata."""
    folder = prefix + "/conda-meta"
    if is_away(folder):
        raise IOError(errno.EREMOTE, "not on a local filesystem")
    names = [text(name)[:-5] for name in os.listdir(at(folder)) if text(name).endswith(".json")]
    return sorted([" ".join(name.rsplit("-", 2)) for name in names])


def programs(prefix):
    """The settings of each program that matter, without its environment; what looks like a secret is masked."""
    lines = []
    for section, body in Config(prefix).sections:
        if section.startswith("program:"):
            lines.append("[%s]" % section)
            for key in PROGRAM_KEYS:
                if body.get(key):
                    lines.append("%s = %s" % (key, masked_text(body[key])))
    return lines
