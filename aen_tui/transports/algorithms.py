"""Which algorithms are offered, in which order.

Key exchange: named groups before group exchange. asyncssh would choose group exchange with OpenSSH
5.3, and the library then tests the group's primes, twice 0.25 s of a standing loop for each node.
Ciphers: AES-GCM first, where the processor helps; it is what a burst of logs is decrypted with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asyncssh.encryption import get_default_encryption_algs, get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_default_mac_algs, get_mac_algs
from asyncssh.public_key import (
    get_certificate_algs,
    get_default_certificate_algs,
    get_default_public_key_algs,
    get_public_key_algs,
)

from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.ssh_patterns import matches

_KEX = (
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha256",
)
_FAST_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")


def expand_algorithms(text: str | None, possible: Sequence[str], default: Sequence[str]) -> list[str]:
    """An algorithm list of ssh_config: names, wildcards, and `+`, `-`, `^` before the list.

    Args:
        text: as the user wrote it; None for the default.
        possible: what asyncssh has; other names are left out.
        default: what stands where nothing is written.
    """
    if not text:
        return list(default)
    sign, names = (text[0], text[1:]) if text[0] in "+-^" else ("", text)
    chosen = [name for pattern in names.split(",") for name in possible if matches(name, [pattern], ignore_case=False)]
    if sign == "-":
        return [name for name in default if name not in chosen]
    ordered = {"+": [*default, *chosen], "^": [*chosen, *default]}.get(sign, chosen)
    return list(dict.fromkeys(ordered))


def key_exchanges(config: HostConfig) -> list[str]:
    """Key exchange methods, group exchange last whatever the user's order is."""
    possible = _text(get_kex_algs())
    chosen = expand_algorithms(config.kex_algorithms, possible, [name for name in _KEX if name in possible])
    return sorted(chosen, key=lambda name: "group-exchange" in name)


def ciphers(config: HostConfig) -> list[str]:
    """Ciphers."""
    default = _text(get_default_encryption_algs())
    ordered = [name for name in _FAST_CIPHERS if name in default]
    ordered += [name for name in default if name not in ordered]
    return expand_algorithms(config.ciphers, _text(get_encryption_algs()), ordered)


def macs(config: HostConfig) -> list[str]:
    """Message authentication codes."""
    return expand_algorithms(config.macs, _text(get_mac_algs()), _text(get_default_mac_algs()))


def signatures(config: HostConfig) -> list[str]:
    """Signature algorithms of our own keys."""
    possible = _text(get_public_key_algs())
    return expand_algorithms(config.pubkey_algorithms, possible, possible)


def host_keys(config: HostConfig, known: Iterable[str], *, has_authority: bool) -> list[str]:
    """Host key algorithms, those of the keys we know first: a server with several shows the one we know.

    Args:
        config: the host's settings.
        known: algorithms of the plain keys that known_hosts has for the host.
        has_authority: whether known_hosts has a @cert-authority for it.
    """
    certificates, keys = _text(get_default_certificate_algs()), _text(get_default_public_key_algs())
    first = [*(certificates if has_authority else ()), *(name for name in known if name in keys)]
    default = list(dict.fromkeys([*first, *keys]))
    possible = _text(get_certificate_algs()) + _text(get_public_key_algs())
    chosen = expand_algorithms(config.host_key_algorithms, possible, default)
    # A certificate that nobody here can vouch for is of no use, and would hide the plain key that we know.
    return chosen if has_authority else [name for name in chosen if "-cert-" not in name]


def _text(names: Iterable[bytes]) -> list[str]:
    return [name.decode("ascii") for name in names]
