"""`sudo -l`: the rules of a login user on a node, and what they say of a command. As far as they do, surely.

sudo itself compares files, not names, and knows wildcards, digests and groups: what is not plain here is left to it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RULE = re.compile(r"^\s+\((?P<users>[^)]*)\)\s*(?P<rest>.*)$")
_OPTION = re.compile(r"^(?:(?P<tag>[A-Z_]+):|[A-Z_]+=\S+)\s+")
_DIGEST = re.compile(r"^sha(?:224|256|384|512):\S+\s+")
_BETWEEN = re.compile(r"(?<!\\),\s+")
_ESCAPED = re.compile(r"\\(.)")
_WILD = re.compile(r"(?<!\\)[*?\[]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One command of a list."""

    users: tuple[str, ...]
    """Who it may be run as."""
    command: str
    """As sudo prints it."""
    wants_password: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a command."""

    is_sure: bool
    """False: sudo must be asked for the very command."""
    is_allowed: bool = False
    wants_password: bool | None = None
    """None where it is not known."""


def defaults_of(output: str) -> frozenset[str]:
    """`requiretty`, `use_pty`, `!authenticate` … as "Matching Defaults entries" has them."""
    found: list[str] = []
    lines = iter(output.splitlines())
    for line in lines:
        if line.startswith("Matching Defaults entries"):
            for more in lines:
                if not more.startswith(" "):
                    break
                found.append(more)
    return frozenset(word.strip() for word in " ".join(found).split(","))


def rules_of(output: str) -> tuple[Rule, ...]:
    """The rules in their order: the last that matches a command counts."""
    by_default = "!authenticate" not in defaults_of(output)
    return tuple(rule for line in _joined(output.splitlines()) for rule in _rules(line, by_default))


def verdict(rules: Sequence[Rule], user: str, command: Sequence[str]) -> Verdict:
    """What the rules say of a command as a user.

    Args:
        rules: a login user's.
        user: who the command is to run as.
        command: its argument list, argv[0] absolute.
    """
    doubtful: list[Rule] = []
    for rule in reversed(rules):
        text, denies = rule.command, False
        if text.startswith("!"):
            text, denies = text[1:].lstrip(), True
        fits = _both(_fits_user(rule.users, user), _fits(text, command))
        if fits is None:
            doubtful.append(rule)
        elif fits and not doubtful:
            return Verdict(True, not denies, None if denies else rule.wants_password)
        elif fits:
            doubtful.append(rule)
            break
    if not doubtful:
        return Verdict(True, False)
    wants = {rule.wants_password for rule in doubtful if not rule.command.startswith("!")}
    return Verdict(False, wants_password=wants.pop() if len(wants) == 1 else None)


def _joined(lines: Iterable[str]) -> list[str]:
    """Rules' lines, those that an old sudo broke at the terminal's width whole again."""
    found: list[str] = []
    for line in lines:
        if _RULE.match(line):
            found.append(line)
        elif found and line.startswith("        "):
            found[-1] += " " + line.strip()
    return found


def _rules(line: str, wants_password: bool) -> list[Rule]:
    match = _RULE.match(line)
    assert match is not None
    users = tuple(word.strip() for word in match["users"].partition(":")[0].split(",") if word.strip()) or ("root",)
    found = []
    for part in _BETWEEN.split(match["rest"]):
        command = part.strip()
        while option := _OPTION.match(command):
            if option["tag"] in ("PASSWD", "NOPASSWD"):
                wants_password = option["tag"] == "PASSWD"
            command = command[option.end() :]
        if command:
            found.append(Rule(users, command, wants_password))
    return found


def _both(first: bool | None, second: bool | None) -> bool | None:
    if first is False or second is False:
        return False
    return None if None in (first, second) else True


def _fits_user(users: Sequence[str], user: str) -> bool | None:
    if any(word.startswith("!") for word in users):
        return None
    if user in users or "ALL" in users:
        return True
    return None if any(word[:1] in "%+#" for word in users) else False


def _fits_arguments(wanted: str, given: str) -> bool:
    """Sudo matches all arguments as one text, blanks too (sudoers(5), "Wildcards")."""
    if wanted == '""':
        return not given
    if _WILD.search(wanted):
        return fnmatch.fnmatchcase(given, _ESCAPED.sub(r"\1", wanted))
    return _ESCAPED.sub(r"\1", wanted) == given


def _fits(text: str, command: Sequence[str]) -> bool | None:
    """Whether a rule's command is this one; None where only sudo can say."""
    if text == "ALL":
        return True
    if _DIGEST.match(text) or text.startswith("^"):
        return None
    path, _, arguments = text.partition(" ")
    if not path.startswith("/"):  # sudoedit, list
        return False
    given = " ".join(command[1:])
    if _WILD.search(path) or ("[" in arguments and _WILD.search(arguments)):
        return None if fnmatch.fnmatchcase(" ".join(command), text + ("" if arguments else "*")) else False
    path = _ESCAPED.sub(r"\1", path)
    if path.endswith("/"):
        return None if command[0].startswith(path) else False
    if arguments and not _fits_arguments(arguments, given):
        return False
    if path == command[0]:
        return True
    # Another path of the same name may be the same file: /sbin is a link on EL7.
    return None if path.rpartition("/")[2] == command[0].rpartition("/")[2] else False
