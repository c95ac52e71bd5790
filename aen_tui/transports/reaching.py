"""Why nothing answers behind a forwarded port: a forward itself only closes what it was given."""

from __future__ import annotations

import asyncio
import errno
import os

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED

from aen_tui.errors import DeadlineError, ForwardError, RefusedError
from aen_tui.model.text import visible_line
from aen_tui.transports import Link
from aen_tui.transports.failures import FOREIGN
from aen_tui.transports.link import SshLink

REACH_SECONDS = 5.0


async def reach(link: Link, host: str, port: int) -> None:
    """Connect to a port as the node sees it, and leave again.

    Raises:
        RefusedError: nothing listens there.
        ForwardError: the host's sshd forwards nothing.
        DeadlineError: no answer.
    """
    try:
        async with asyncio.timeout(REACH_SECONDS):
            if isinstance(link, SshLink):
                _, far = await link.connection.open_connection(host, port)
                far.close()
            else:
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
    except TimeoutError:
        raise DeadlineError(f"{host}:{port} did not answer within {REACH_SECONDS:g} s") from None
    except asyncssh.ChannelOpenError as error:
        text = _why(error.reason)
        if error.code == OPEN_ADMINISTRATIVELY_PROHIBITED:
            hint = "AllowTcpForwarding or PermitOpen in its sshd_config"
            raise ForwardError(f"the host does not forward to {host}:{port}: {text}", hint=hint) from error
        raise RefusedError(f"nothing listens on {host}:{port} ({text})") from error
    except FOREIGN as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise RefusedError(f"nothing listens on {host}:{port} ({_why(why)})") from error


def _why(reason: object) -> str:
    """A server's or asyncio's words; those for a closed port say the address again, of each kind that was tried."""
    text = visible_line(str(reason), 200)
    return "connection refused" if "refused" in text.lower() or f"Errno {errno.ECONNREFUSED}]" in text else text
