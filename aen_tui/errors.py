"""Every exception that this program raises on purpose.

    AenError                        node, hint
     |- ConfigError                 file, key, what is wrong, nearest valid word
     |- TransportError              state: the word that `connection.state` shows
     |   |- ResolveError            dns
     |   |- RefusedError            refused
     |   |- DeadlineError           timeout
     |   |- AuthError               auth
     |   |- HostKeyError            host-key
     |   |- JumpError               via
     |   |- ForwardError            refused; the host forwards to no port
     |   `- ConnectionLostError     stale
     |- RemoteError
     |   |- NoPythonError           no-python
     |   `- ProbeError              probe; carries the remote traceback
     |- StoreError                  what MongoDB or Elasticsearch answered, or did not
     |   |- StoreSilentError        no answer in time
     |   |- StoreClosedError        it took the connection and closed it
     |   |- StoreDeniedError        it wants a login, or refused it
     |   `- StoreAnswerError        an answer that is none, or an error of its own
     |- TemplateFileError           what was said before cannot be read or written; learned anew
     `- ActionError
         |- PlanRefusedError        before anything was done
         |   `- NothingToDoError    all is as it would be afterwards
         `- AuditError              no record, no action

Foreign exceptions (asyncssh, OSError, httpx, msgspec) are mapped where they enter, at the
transports, and go no further.
"""

from __future__ import annotations


class AenError(Exception):
    """An error with a way out.

    Args:
        message: what happened, one sentence, no control characters.
        node: the node's name, where there is one.
        hint: what to do next, one sentence.
    """

    def __init__(self, message: str, *, node: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint

    @property
    def whole(self) -> str:
        """Message and hint as they are said in one line: `MESSAGE (HINT)`."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(AenError):
    """Something that the user wrote is wrong."""

    def __init__(self, message: str, *, file: str, key: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.key = key

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.whole}"


class TransportError(AenError):
    """The way to a node failed; `state` is the word for `connection.state`."""

    state = "refused"


class ResolveError(TransportError):
    """The name of the host has no address."""

    state = "dns"


class RefusedError(TransportError):
    """The host or its sshd said no, or there is no route."""

    state = "refused"


class DeadlineError(TransportError):
    """A phase (tcp, banner, login) took longer than it may."""

    state = "timeout"


class AuthError(TransportError):
    """The host accepted none of the keys or passwords."""

    state = "auth"


class HostKeyError(TransportError):
    """The host key is unknown, changed or revoked; never accepted silently."""

    state = "host-key"


class JumpError(TransportError):
    """The gateway (or other jump host) that leads to the node is not up."""

    state = "via"


class ForwardError(TransportError):
    """The host's sshd forwards nothing: what listens there cannot be asked, whether it is well or not."""


class ConnectionLostError(TransportError):
    """A connection that was up is gone."""

    state = "stale"


class RemoteError(AenError):
    """The node was reached, what should run there did not."""

    state = "probe"


class NoPythonError(RemoteError):
    """The node has no usable Python interpreter."""

    state = "no-python"


class ProbeError(RemoteError):
    """The probe ended or spoke nonsense.

    Args:
        message: one sentence.
        remote_traceback: the traceback that came home, sanitised, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        node: str | None = None,
        hint: str | None = None,
        remote_traceback: str | None = None,
    ) -> None:
        super().__init__(message, node=node, hint=hint)
        self.remote_traceback = remote_traceback


class NoProcessError(ProbeError):
    """A process that was looked for is not there."""


class OutputError(AenError):
    """What a command prints could not be written to where its stdout goes."""


class StoreError(AenError):
    """MongoDB or Elasticsearch did not answer as it should."""


class StoreSilentError(StoreError):
    """It took the connection, and no answer came in time."""


class StoreClosedError(StoreError):
    """It closed the connection, or took none."""


class StoreDeniedError(StoreError):
    """It wants a login, or refuses the one that it was given."""


class StoreAnswerError(StoreError):
    """Its answer is none, or an error of its own.

    Args:
        message: one sentence.
        code: MongoDB's number of the error, where there is one.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ActionError(AenError):
    """A plan could not be made or carried out."""


class PlanRefusedError(ActionError):
    """Refused before anything was done: read-only, unknown target, not allowed."""


class NothingToDoError(PlanRefusedError):
    """All is as it would be afterwards."""


class AuditError(ActionError):
    """The audit could not be written; without a record nothing is done."""


class TemplateFileError(AenError):
    """The file of messages that were said before cannot be read or written; nothing else stops for it."""
