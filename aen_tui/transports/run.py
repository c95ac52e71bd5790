"""What a command of an action leaves behind, and the one place where sudo gets its password."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from aen_tui.model.command import CommandResult
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible
from aen_tui.transports import DataReceived

OUTPUT_LIMIT_BYTES = 64 * 1024
_ASKING = ("-S", "-p")
NOT_TAKEN = "sudo did not take the password"


class Output:
    """The head of what a command wrote, capped."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.cut = 0
        """Bytes that were dropped."""

    def add(self, data: bytes) -> None:
        """More of it."""
        room = OUTPUT_LIMIT_BYTES - len(self._bytes)
        self._bytes += data[:room]
        self.cut += max(0, len(data) - room)

    @property
    def text(self) -> str:
        """Sanitised; says how much is missing."""
        text = visible(bytes(self._bytes))
        return f"{text}\n\u2026 {self.cut} bytes more" if self.cut else text


def result_of(
    argv: Sequence[str],
    exit_status: int | None,
    exit_signal: str | None,
    output: Output,
    sudo: SudoPassword | None = None,
) -> CommandResult:
    """The result of a command that has ended."""
    if sudo is not None and sudo.was_wrong:
        return CommandResult(tuple(argv), exit_status, output.text, refusal=NOT_TAKEN)
    error = None
    if exit_status is None:
        error = f"ended by signal {exit_signal}" if exit_signal else "ended without an exit status"
    taken = sudo is not None and sudo.was_taken
    return CommandResult(tuple(argv), exit_status, output.text, error, took_password=taken)


class SudoPassword:
    """Hands a password to sudo, once, after seeing a prompt that nothing else can have written.

    The prompt is sudo's `-p`: it holds whatever the node's language, lecture or `passprompt` say. After the password
    comes the end of input, so that a sudo that asks again ends by itself after one attempt; on a terminal, where
    there is no such end, it is closed.

    Args:
        argv: the command; argv[0] is sudo's absolute path. `-S -p PROMPT` first is taken as it is, else it is put
            there with a prompt of random digits, in the place of `-n`.
        password: for sudo.

    Raises:
        ValueError: argv[0] is not an absolute path to sudo: what stands first on a PATH may be anything.
    """

    def __init__(self, argv: Sequence[str], password: Secret) -> None:
        if not (argv and argv[0].startswith("/") and argv[0].endswith("/sudo")):
            raise ValueError("a password goes to sudo by its absolute path only")
        self._password = password
        if tuple(argv[1:3]) == _ASKING and len(argv) > 3:
            self._token, self.argv = argv[3], list(argv)
        else:
            self._token = f"aen-tui-{secrets.token_hex(16)}:"
            self.argv = [argv[0], *_ASKING, self._token, *(word for word in argv[1:] if word != "-n")]
        """What is executed."""
        self._seen = bytearray()
        self._asked = 0
        self.talk(lambda _data: None, refuse=lambda: None, end_input=None)

    @property
    def was_wrong(self) -> bool:
        """Whether sudo asked again: it did not take the password."""
        return self._asked > 1

    @property
    def was_taken(self) -> bool:
        """Whether sudo asked once and was content."""
        return self._asked == 1

    def talk(
        self, answer: Callable[[bytes], None], *, refuse: Callable[[], None], end_input: Callable[[], None] | None
    ) -> None:
        """Say how it is reached; before it is started.

        Args:
            answer: writes to its standard input.
            refuse: ends it: sudo asks again and would go on asking.
            end_input: ends its standard input; None where it has no end (a terminal).
        """
        self._answer, self._refuse, self._end_input = answer, refuse, end_input

    def watching(self, received: DataReceived) -> DataReceived:
        """A receiver that answers the prompt and passes on everything else."""
        token = self._token.encode()

        def receive(data: bytes) -> None:
            self._seen += data
            while (at := self._seen.find(token)) >= 0:
                received(bytes(self._seen[:at]))
                del self._seen[: at + len(token)]
                self._prompted()
            keep = min(len(self._seen), len(token) - 1)
            while keep and not token.startswith(self._seen[len(self._seen) - keep :]):
                keep -= 1
            received(bytes(self._seen[: len(self._seen) - keep]))
            del self._seen[: len(self._seen) - keep]

        return receive

    def _prompted(self) -> None:
        self._asked += 1
        if self._asked == 1:
            self._answer(self._password.reveal().encode() + b"\n")
            if self._end_input is not None:
                self._end_input()
        elif self._end_input is None or self._asked > 2:
            self._refuse()
