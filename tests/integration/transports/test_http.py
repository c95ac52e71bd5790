"""A request that is cancelled in the middle of a TLS handshake closes its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from aen_tui.transports.http import HttpTransport


async def test_a_handshake_that_is_cancelled_leaves_no_socket(tmp_path: Path) -> None:
    greeted: asyncio.Future[asyncio.StreamReader] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # of its ClientHello, which is never answered
        greeted.set_result(reader)
        await reader.read()
        writer.close()

    async with (
        asyncio.timeout(60),
        await asyncio.start_unix_server(answer, tmp_path / "s"),
        httpx.AsyncClient(transport=HttpTransport(uds=str(tmp_path / "s"), trust_env=False), trust_env=False) as client,
    ):
        asking = asyncio.create_task(client.get("https://127.0.0.1/", timeout=None))
        far_end = await greeted
        asking.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:  # its traceback keeps what is not closed
            await asking
        while not far_end.at_eof():
            await asyncio.sleep(0)
    assert cancelled.value.__traceback__ is not None
