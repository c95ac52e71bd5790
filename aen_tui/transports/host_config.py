"""What the ssh configuration says of one host, as values; what of it is not honoured, as notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aen_tui.transports.ssh_lines import Line
from aen_tui.transports.ssh_patterns import expand, expand_path, host_tokens, local_user

DEFAULT_IDENTITIES = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk")
_LISTS = frozenset({"identityfile", "certificatefile"})
"""Keywords that add up; of all others the first value counts."""
_STRICT = frozenset({"yes", "ask", "true"})
_HARMLESS_OFF = {
    "forwardagent": "the agent is never forwarded",
    "forwardx11": "X11 is never forwarded",
    "forwardx11trusted": "X11 is never forwarded",
    "gssapidelegatecredentials": "credentials are never delegated",
}
"""Keywords that are noted only where they ask for what is never done."""
_DONE_ANYWAY = frozenset({("controlmaster", "no"), ("controlpath", "none"), ("updatehostkeys", "no")})
"""What asks for nothing else than what is done."""
_HONOURED = frozenset(
    """addressfamily batchmode bindaddress challengeresponseauthentication ciphers compression
    globalknownhostsfile gssapiauthentication hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent
    ignoreunknown kbdinteractiveauthentication kexalgorithms macs passwordauthentication port preferredauthentications
    pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication rekeylimit tag tcpkeepalive user
    userknownhostsfile""".split()  # noqa: SIM905 (a list of thirty words, one a line, reads worse)
)

T = TypeVar("T")


@dataclass(slots=True)
class Values:
    """The lines of the files that apply to one host."""

    first: dict[str, Line] = field(default_factory=dict)
    """Keyword -> the line that counts."""
    lists: dict[str, list[Line]] = field(default_factory=dict)
    proxy: Line | None = None
    """ProxyJump or ProxyCommand, whichever stands first."""
    wants_final: bool = False
    """Whether a `Match final` was seen: then the files are read a second time."""

    def take(self, line: Line) -> None:
        """Note a line that applies."""
        if line.keyword in ("proxyjump", "proxycommand"):
            self.proxy = self.proxy or line
        elif line.keyword in _LISTS:
            lines = self.lists.setdefault(line.keyword, [])
            if all(line.args != other.args for other in lines):
                lines.append(line)
        else:
            self.first.setdefault(line.keyword, line)

    def word(self, keyword: str, default: str) -> str:
        """The first argument of a keyword."""
        line = self.first.get(keyword)
        return line.args[0] if line else default

    def flag(self, keyword: str, default: bool) -> bool:
        """A yes or no.

        Raises:
            ConfigError: it is neither.
        """
        line = self.first.get(keyword)
        if line is None:
            return default
        word = line.args[0].lower()
        if word not in ("yes", "true", "no", "false"):
            raise line.error(f"{line.args[0]} is neither yes nor no")
        return word in ("yes", "true")

    def parsed(self, keyword: str, parse: Callable[[str], T], default: T) -> T:
        """The first argument of a keyword, parsed.

        Raises:
            ConfigError: it cannot be.
        """
        line = self.first.get(keyword)
        if line is None:
            return default
        try:
            return parse(line.args[0])
        except (ValueError, KeyError):
            raise line.error(f"{line.args[0]} makes no sense here") from None


@dataclass(frozen=True, slots=True)
class HostConfig:
    """A host's settings, tokens replaced, defaults applied."""

    host: str
    """As given: an alias, a name, an address."""
    hostname: str
    """What is connected to."""
    port: int
    user: str
    proxy_jump: str | None
    """`[user@]host[:port]`, with commas between hops; "none" where the user wants no jump."""
    proxy_command: str | None
    """A line for /bin/sh, tokens replaced; "none" where the user wants none."""
    identity_files: tuple[Path, ...]
    identity_files_named: bool
    """Whether the user named them; else they are the defaults."""
    certificate_files: tuple[Path, ...]
    identities_only: bool
    identity_agent: str | None
    """The agent's socket, None for none."""
    user_known_hosts: tuple[Path, ...]
    """Empty for `none`: then the user trusts nobody."""
    global_known_hosts: tuple[Path, ...]
    host_key_alias: str | None
    host_key_algorithms: str | None
    kex_algorithms: str | None
    ciphers: str | None
    macs: str | None
    pubkey_algorithms: str | None
    preferred_authentications: tuple[str, ...]
    pubkey: bool
    password: bool
    keyboard_interactive: bool
    gssapi: bool
    batch: bool
    """Never ask anything."""
    family: str
    """any | inet | inet6."""
    bind_address: str | None
    compression: bool
    rekey_bytes: str | None
    rekey_time: str | None
    tcp_keepalive: bool
    notes: tuple[str, ...]
    """What was read and is not honoured, for the Connections view."""

    @property
    def known_hosts(self) -> tuple[Path, ...]:
        """Every known_hosts file, the user's first."""
        return self.user_known_hosts + self.global_known_hosts


def build_host_config(
    values: Values, host: str, user: str | None, port: int | None, *, agent: str | None
) -> HostConfig:
    """The settings that lines give.

    Args:
        values: the lines that apply.
        host: the name as given.
        user: a user given beside it.
        port: a port given beside it.
        agent: the agent's socket of the environment.

    Raises:
        ConfigError: a value makes no sense.
    """
    line = values.first.get("hostname")
    hostname = expand(line.args[0], {"%": "%", "h": host}, line) if line else host
    port = port or values.parsed("port", _port, 22)
    user = user or values.word("user", local_user())
    alias = values.word("hostkeyalias", "") or None
    tokens = host_tokens(host=host, hostname=hostname, port=port, user=user, alias=alias or "", jump=_jump(values))
    named = values.lists.get("identityfile", [])
    files = [expand_path(item.args[0], tokens, item) for item in named if item.args[0].lower() != "none"]
    if not named:
        files = [Path("~/.ssh").expanduser() / name for name in DEFAULT_IDENTITIES]
    rekey = values.first.get("rekeylimit")
    return HostConfig(
        host=host,
        hostname=hostname,
        port=port,
        user=user,
        proxy_jump=_jump(values) or None,
        proxy_command=_command(values, tokens),
        identity_files=tuple(files),
        identity_files_named=bool(named),
        certificate_files=tuple(
            expand_path(item.args[0], tokens, item)
            for item in values.lists.get("certificatefile", [])
            if item.args[0].lower() != "none"
        ),
        identities_only=values.flag("identitiesonly", False),
        identity_agent=_agent(values, tokens, agent),
        user_known_hosts=_paths(values, "userknownhostsfile", tokens, ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")),
        global_known_hosts=_paths(
            values, "globalknownhostsfile", tokens, ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
        ),
        host_key_alias=alias,
        host_key_algorithms=values.word("hostkeyalgorithms", "") or None,
        kex_algorithms=values.word("kexalgorithms", "") or None,
        ciphers=values.word("ciphers", "") or None,
        macs=values.word("macs", "") or None,
        pubkey_algorithms=values.word("pubkeyacceptedalgorithms", values.word("pubkeyacceptedkeytypes", "")) or None,
        preferred_authentications=tuple(filter(None, values.word("preferredauthentications", "").split(","))),
        pubkey=values.word("pubkeyauthentication", "yes").lower() not in ("no", "false"),
        password=values.flag("passwordauthentication", True),
        keyboard_interactive=values.flag(
            "kbdinteractiveauthentication", values.flag("challengeresponseauthentication", True)
        ),
        gssapi=values.flag("gssapiauthentication", False),
        batch=values.flag("batchmode", False),
        family=values.parsed("addressfamily", _family, "any"),
        bind_address=values.word("bindaddress", "") or None,
        compression=values.flag("compression", False),
        rekey_bytes=rekey.args[0].lower() if rekey and rekey.args[0].lower() != "default" else None,
        rekey_time=rekey.args[1].lower() if rekey and len(rekey.args) > 1 and rekey.args[1].lower() != "none" else None,
        tcp_keepalive=values.flag("tcpkeepalive", True),
        notes=_notes(values),
    )


def _port(word: str) -> int:
    port = int(word)
    if not 0 < port < 65536:
        raise ValueError(word)
    return port


def _family(word: str) -> str:
    if word.lower() not in ("any", "inet", "inet6"):
        raise ValueError(word)
    return word.lower()


def _jump(values: Values) -> str:
    line = values.proxy
    return line.args[0] if line and line.keyword == "proxyjump" else ""


def _command(values: Values, tokens: dict[str, str]) -> str | None:
    line = values.proxy
    if line is None or line.keyword != "proxycommand":
        return None
    if line.rest.lower() == "none":
        return "none"
    # Only these: ProxyCommand goes to a shell, and OpenSSH offers no others there.
    return expand(line.rest, {token: tokens[token] for token in "%hnpr"}, line)


def _agent(values: Values, tokens: dict[str, str], environment: str | None) -> str | None:
    line = values.first.get("identityagent")
    if line is None or line.args[0] == "SSH_AUTH_SOCK":
        return environment or None
    if line.args[0].lower() == "none":
        return None
    text = line.args[0]
    if text.startswith("$") and not text.startswith("${"):
        text = "${" + text[1:] + "}"
    return str(expand_path(text, tokens, line))


def _paths(values: Values, keyword: str, tokens: dict[str, str], default: tuple[str, ...]) -> tuple[Path, ...]:
    line = values.first.get(keyword)
    if line is None:
        return tuple(Path(name).expanduser() for name in default)
    if len(line.args) == 1 and line.args[0].lower() == "none":
        return ()
    return tuple(expand_path(word, tokens, line) for word in line.args)


def _notes(values: Values) -> tuple[str, ...]:
    notes: list[str] = []
    for keyword, line in values.first.items():
        word = line.args[0].lower()
        if keyword in _HARMLESS_OFF:
            if word not in ("no", "false"):
                notes.append(f"{line.shown} {line.args[0]}: {_HARMLESS_OFF[keyword]}")
        elif keyword == "stricthostkeychecking":
            if word not in _STRICT:
                notes.append(f"{line.shown} {line.args[0]}: host keys are always checked")
        elif keyword not in _HONOURED and (keyword, word) not in _DONE_ANYWAY:
            notes.append(f"{line.shown}: not honoured ({line.file}:{line.number})")
    return tuple(notes)
