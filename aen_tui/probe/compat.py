"""What differs between Python 2.6 and 3.14, paths under `root`, and small readers of files.

All imports of the probe are here: the parts share one namespace once they are joined.
"""

import _socket  # `socket` itself costs half a megabyte more
import binascii
import collections
import errno
import fcntl
import fnmatch
import heapq
import json
import os
import re
import resource
import select
import signal
import stat
import struct
import sys
import time

PY3 = sys.version_info[0] >= 3
TEXT = str if PY3 else unicode
SURROGATES = "surrogateescape" if PY3 else "strict"
CLOCK = getattr(time, "monotonic", None)
ROOT = [""]  # set once, by the start line; put before every path
O_CLOEXEC = 0o2000000
HALF = re.compile(json.loads('"[\\ud800-\\udfff]"'))
NO_FOLLOW = [0]  # O_NOFOLLOW under sudo
SHA = globals().get("SHA") or __import__("hashlib").sha256  # the bootstrap's, which may spare libcrypto


def monotonic():
    """Seconds that no clock step moves. Python 2 has only times(2), in hundredths, for that."""
    return CLOCK() if CLOCK else os.times()[4]


def text(data, limit=4096):
    """Bytes or text from the node as text of at most `limit` characters; bad bytes become U+FFFD.

    Lone surrogates, which JSON's escapes can carry and strict readers refuse, become question marks.
    """
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    elif not isinstance(data, TEXT):
        data = TEXT(data)
    return HALF.sub("?", data[:limit])


def raw(path):
    """A path as bytes: Python 2 under LC_ALL=C cannot open text that is not ASCII."""
    return path.encode("utf-8", SURROGATES) if isinstance(path, TEXT) else path


def at(path):
    """Where a path of the node is on this machine, as bytes."""
    return raw(ROOT[0]) + raw(path)


def proc_at(path):
    """A path under /proc: the root's own where it has one, else the kernel's."""
    return at(path) if ROOT[0] and os.path.exists(at(path)) else raw(path)


def placed(path):
    """Like `at`, for a path read from a node's configuration, which may hold the root already."""
    return raw(path) if ROOT[0] and raw(path).startswith(raw(ROOT[0]) + b"/") else at(path)


def shown(path):
    """A path as the node's own people would write it: without the root."""
    path = text(path)
    return path[len(ROOT[0]) :] if ROOT[0] and path.startswith(ROOT[0] + "/") else path


def read_file(path, limit=262144):
    """The first `limit` bytes of a file; raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | O_CLOEXEC)
    try:
        parts = []
        while limit > 0:
            data = os.read(fd, min(limit, 65536))
            if not data:
                break
            parts.append(data)
            limit -= len(data)
        return b"".join(parts)
    finally:
        os.close(fd)


def peek(path, limit=262144):
    """The first `limit` bytes of a file as text; empty where it cannot be read."""
    try:
        return text(read_file(path, limit), limit)
    except (IOError, OSError):
        return text(b"")


def why(error):
    """An OSError as one short text."""
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if number else text(str(error), 200) or error.__class__.__name__


def dump(value):
    """A value as compact ASCII JSON, in bytes."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def whole(word):
    """A text of digits as int, else None; also None where no machine has that many of anything."""
    try:
        number = int(word)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 1 << 53 else None


def accounts():
    """The words of each local account. Not by NSS: a directory server that hangs would hang us."""
    lines = peek(b"/etc/passwd", 1048576).splitlines()
    return (word for word in (line.split(":") for line in lines) if len(word) > 4)


def account(name):
    """(uid, gid) of a local account, or None."""
    return next(((int(word[2]), int(word[3])) for word in accounts() if name in (word[0], word[2])), None)


def user_name(uid):
    """The login name of a uid, or the number as text."""
    names = (word[0] for word in accounts() if word[2] == str(uid))
    return next(names, os.environ.get("LOGNAME") or str(uid))
