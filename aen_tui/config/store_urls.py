"""Where MongoDB and Elasticsearch are asked: URLs of an inventory, taken apart. No secret stands in them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from aen_tui.config.schema import ServerTable
from aen_tui.errors import ConfigError
from aen_tui.model.inventory import MongoTarget


def mongo_target(server: ServerTable, file: Path) -> MongoTarget | None:
    """`mongo_url` and `mongo_password_file`; None where there is no URL.

    Raises:
        ConfigError: another scheme, several hosts, or a password in the URL.
    """
    if server.mongo_url is None:
        if server.mongo_password_file is not None:
            hint = "write the user into it: mongodb://USER@127.0.0.1:27017/admin"
            raise ConfigError("there is no mongo_url", file=str(file), key="server.mongo_password_file", hint=hint)
        return None
    parts = _parts(server.mongo_url, ("mongodb",), "server.mongo_url", file, "mongodb://127.0.0.1:27017")
    password = Path(server.mongo_password_file).expanduser() if server.mongo_password_file else None
    if password is not None and not parts.username:
        hint = "write the user into it: mongodb://USER@127.0.0.1:27017/admin"
        raise ConfigError("names no user", file=str(file), key="server.mongo_url", hint=hint)
    return MongoTarget(
        host=parts.hostname or "",
        port=parts.port or 27017,
        user=unquote(parts.username) if parts.username else None,
        database=unquote(parts.path.lstrip("/")) or "admin",
        password_file=file.parent / password if password is not None else None,
    )


def elasticsearch_url(server: ServerTable, file: Path) -> str | None:
    """`elasticsearch_url` without a slash at its end; None where there is none.

    Raises:
        ConfigError: another scheme, no host, or a password in it.
    """
    if server.elasticsearch_nodes < 1:
        raise ConfigError("must be 1 or more", file=str(file), key="server.elasticsearch_nodes")
    if server.elasticsearch_url is None:
        return None
    parts = _parts(
        server.elasticsearch_url, ("http", "https"), "server.elasticsearch_url", file, "http://127.0.0.1:9200"
    )
    if parts.username:
        raise ConfigError("takes no user", file=str(file), key="server.elasticsearch_url")
    return server.elasticsearch_url.rstrip("/")


def _parts(url: str, schemes: tuple[str, ...], key: str, file: Path, example: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(str(error).lower(), file=str(file), key=key, hint=f"such as {example}") from None
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise ConfigError("is no such URL", file=str(file), key=key, hint=f"such as {example}")
    if "," in parts.netloc:
        hint = "one host: members of a replica set are asked one by one, never followed"
        raise ConfigError("names several hosts", file=str(file), key=key, hint=hint)
    if parts.password is not None:
        hint = "put it into a file of mode 0600 and name that as mongo_password_file"
        raise ConfigError("holds a password", file=str(file), key=key, hint=hint)
    return parts
