"""The seam: what asyncssh and the system raise becomes one of `errors.TransportError`, with a way out.

A hostile or broken peer can make the library raise nearly anything while it takes a packet apart;
`FOREIGN` names it, so that no node can end the program.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

import asyncssh
from cryptography.exceptions import InternalError, InvalidSignature, InvalidTag, UnsupportedAlgorithm

from aen_tui.errors import (
    AuthError,
    ConnectionLostError,
    DeadlineError,
    JumpError,
    RefusedError,
    ResolveError,
    TransportError,
)
from aen_tui.model.text import visible_line

FOREIGN = (
    asyncssh.Error,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    UnsupportedAlgorithm,
    InvalidTag,
    InvalidSignature,
    InternalError,
)

_UNRESOLVED = ("not known", "name resolution", "unknown host", "no address", "nodename")
_PHASE_WORDS = {
    "resolve": "its name was not resolved",
    "tcp": "no answer to TCP",
    "banner": "TCP is there, but no ssh banner came",
    "host-key": "the key exchange did not end",
    "login": "the login did not end",
}
_PHASE_HINTS = {
    "resolve": "Look at the resolver: getent hosts NAME.",
    "tcp": "Is the host up, does a firewall drop the port?",
    "banner": "sshd hangs or is overloaded (UseDNS, MaxStartups, a full disk): look at its log.",
    "login": "sshd or what it asks (PAM, LDAP, UseDNS) hangs: look at its log.",
}


def deadline(node: str, where: str, phase: str, seconds: float) -> DeadlineError:
    """The error for a phase that took too long."""
    words = _PHASE_WORDS.get(phase, phase)
    return DeadlineError(f"{where}: {words} within {seconds:g} s", node=node, hint=_PHASE_HINTS.get(phase))


def connect_failure(error: BaseException, *, node: str, where: str, phase: str, via: str | None) -> TransportError:
    """What failed while a connection was made.

    Args:
        error: what was raised.
        node: the node's name.
        where: `host:port`.
        phase: resolve | tcp | banner | host-key | login.
        via: the jump host, where there is one.
    """
    text = visible_line(str(error) or type(error).__name__, 300)
    if isinstance(error, TransportError):
        return error
    if isinstance(error, socket.gaierror):
        return ResolveError(
            f"{where}: the name has no address ({visible_line(error.strerror or text, 100)})",
            node=node,
            hint="Correct the host in the inventory, or give it a HostName in the ssh configuration.",
        )
    if isinstance(error, asyncssh.ChannelOpenError):
        return _not_opened(error, text, node=node, where=where, via=via or "")
    if phase == "login" and isinstance(error, asyncssh.DisconnectError) and "authentication" in text.lower():
        return AuthError(
            f"{where}: {text}",
            node=node,
            hint="sshd listens to no more keys: name the right one by IdentityFile and IdentitiesOnly yes.",
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return AuthError(
            f"{where}: none of our keys or answers was accepted",
            node=node,
            hint=f"Try: ssh -v {where.rpartition(':')[0]}; ssh-add -l shows what the agent holds.",
        )
    if isinstance(error, asyncssh.KeyExchangeFailed | asyncssh.ProtocolNotSupported):
        return RefusedError(f"{where}: no common ground with its sshd: {text}", node=node, hint=None)
    if isinstance(error, asyncssh.ConnectionLost | asyncssh.DisconnectError | ConnectionResetError | BrokenPipeError):
        return _cut_off(text, node=node, where=where, phase=phase)
    if isinstance(error, OSError):
        return _refused(error, text, node=node, where=where)
    return RefusedError(f"{where}: what it says is not ssh as we know it: {text}", node=node)


def _not_opened(error: asyncssh.ChannelOpenError, text: str, *, node: str, where: str, via: str) -> TransportError:
    if "connection closed" in text.lower() or "connection lost" in text.lower():
        return JumpError(f"{via} was lost on the way to {where}", node=node)
    if any(words in text.lower() for words in _UNRESOLVED):
        return ResolveError(f"{via} does not know the name {where}: {text}", node=node)
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return RefusedError(
            f"{via} forwards nothing to {where}: {text}",
            node=node,
            hint=f"AllowTcpForwarding and PermitOpen in sshd_config of {via}, or jump_command in the inventory.",
        )
    return RefusedError(f"{via} cannot reach {where}: {text}", node=node, hint=f"Look from {via}: does sshd listen?")


def _cut_off(text: str, *, node: str, where: str, phase: str) -> TransportError:
    hint = None
    if phase in ("tcp", "banner", "host-key"):
        hint = "sshd drops connections while too many log in (MaxStartups), and where tcp wrappers or fail2ban say so."
    return RefusedError(f"{where}: it closed the connection ({phase}): {text}", node=node, hint=hint)


def _refused(error: OSError, text: str, *, node: str, where: str) -> TransportError:
    if error.errno == errno.ETIMEDOUT:
        return DeadlineError(f"{where}: {_PHASE_WORDS['tcp']}", node=node, hint=_PHASE_HINTS["tcp"])
    hint = {
        errno.ECONNREFUSED: "Does sshd run there, on this port?",
        errno.EHOSTUNREACH: "There is no route: is the host up, is the network?",
        errno.ENETUNREACH: "There is no route: is the network up?",
        errno.EMFILE: "Raise the limit of open files: ulimit -n.",
    }.get(error.errno or 0)
    words = os.strerror(error.errno) if error.errno else text
    return RefusedError(f"{where}: {words}", node=node, hint=hint)


def loss(error: BaseException | None) -> str:
    """Why a connection that was up is gone, in words."""
    if error is None:
        return "closed"
    text = visible_line(str(error) or type(error).__name__, 200)
    if "keepalive" in text:
        return "no sign of life"
    return text[:1].lower() + text[1:]


def lost(node: str, why: str | None) -> ConnectionLostError:
    """The error for what was tried on a connection that is gone."""
    return ConnectionLostError(f"the connection is gone: {why or 'closed'}", node=node)
