"""No secret leaves a node: planted under keys of every kind, in URLs, in command lines."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace
from tests.probe.test_preflight_errands import errand

PLANTED = "PLANTED"
"""Stands in every secret; none of ours has capitals like these."""
KEYS = ["password", "Mongo_PWD", "client_secret", "token", "API_KEYS", "apikey", "LDAP_AUTH", "credentials", "cookies"]
PLAIN = ["port", "server", "LDAP", "URI", "hooks", "monitor"]
SECRETS = st.text(st.characters(codec="ascii", exclude_categories=("Cc", "Zs")), max_size=6).map(
    lambda word: f"{word}{PLANTED}{word[::-1]}"
)
"""Signs of every kind about it."""
IN_URL = SECRETS.filter(lambda word: not set("/?#") & set(word))
URLS = st.builds(
    "{}://{}:{}@{}".format,
    st.sampled_from(["mongodb", "https", "ldap+x"]),
    st.just("wakari"),
    SECRETS,
    st.just("db:27017/x"),
)
USERS = st.builds("see http://{}@db/x for more".format, IN_URL)
QUERIES = st.builds(
    "http://db/x?a=1&{}={}&b=2".format,
    st.sampled_from(["token", "api_key", "pwd"]),
    SECRETS.filter(lambda word: "&" not in word),
)


def anything(leaf: st.SearchStrategy[Any], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """JSON of some depth."""
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(keys, inner, min_size=1, max_size=3),
    )


UNDER_SECRET = st.dictionaries(st.sampled_from(KEYS), anything(SECRETS, SECRETS | st.sampled_from(PLAIN)), min_size=1)
SHOWN = UNDER_SECRET | URLS | USERS | QUERIES
PLANS = st.dictionaries(st.sampled_from(PLAIN) | URLS, anything(SHOWN, st.sampled_from(PLAIN)), min_size=1, max_size=3)

LONG = 1_000_000
LONG_WORDS = [
    (sign * LONG)[:LONG] for sign in ("a", "a.", "a-", "key", "secret_", "a://", "a://b:", "://", "@", "a+", '"', "'=")
]
"""Of one character or a few, none of which is a secret."""
VALUE = r"""(?:"[^"]*"|'[^']*'|\S)+"""
USER = (r"(\w[\w+.-]*://)\S*@", r"\1***@")
IN_FULL = {
    "settings": (
        (r"(\w[\w+.-]*://)(?:[^\s/?#:]*:\S*|[^\s/?#]*)@", r"\1***@"),
        (r"(?i)([\w.-]*(?:token|code|key|pass|passwd|password|pwd|secret|credential)s?)=[^&\s]+", r"\1=***"),
    ),
    "differences": (
        USER,
        (rf"(?i)([\w-]*(?:pass|pwd|secret|token|credential|key)[\w-]*[=:\s]+){VALUE}", r"\1***"),
    ),
    "projects": (
        USER,
        (rf"(?i)([\w.-]*(?:pass(?:word)?|pwd|secret|token|key|code)[\"']?)(\s*[=:]\s*)(?!//){VALUE}", r"\1\2***"),
    ),
    "why": (
        USER,
        (
            r"(?i)([\w.-]*(?:token|code|key|password|passwd|secret)[\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|\S+)",
            r"\1***",
        ),
    ),
}
"""What each errand hides, written so that it is read easily and takes minutes on a long word."""
PIECES = [
    *("http", "mongodb+x", "://", "@", ":", "/", "?", "&", "=", " ", ", ", "a", "h.x", "-", "--", '"', "'", "5002"),
    *("key", "my_token", "password", "Pwd", "secret", "u:p@h"),
]
ORDINARY = st.lists(st.sampled_from(PIECES), max_size=14).map(lambda words: "x" + "".join(words))


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """The names of the errand that reads configurations."""
    return loaded("settings")


@pytest.fixture(scope="module")
def differences() -> dict[str, Any]:
    """The names of the errand that compares computes."""
    return loaded("differences")


@pytest.fixture(scope="module")
def projects() -> dict[str, Any]:
    """The names of the errand that shows one process in full."""
    return loaded("projects")


@pytest.fixture(scope="module")
def why() -> dict[str, Any]:
    """The names of the errand that shows lines of logs."""
    return loaded("why")


def loaded(name: str) -> dict[str, Any]:
    names = namespace()
    exec(errand_source(name), names)
    return names


@given(made=PLANS | UNDER_SECRET)
def test_what_is_planted_in_a_configuration_stays_on_the_node(settings: dict[str, Any], made: dict[str, Any]) -> None:
    row: dict[str, Any] = {}
    settings["read_json"](json.dumps(made).encode(), row)
    assert row["keys"]
    assert PLANTED not in json.dumps(row)


@given(url=URLS, word=SECRETS, flag=st.sampled_from(["--password", "--api-key", "MONGO_PWD", "-token"]))
def test_what_is_planted_in_a_command_stays_on_the_node(
    differences: dict[str, Any], url: str, word: str, flag: str
) -> None:
    for said in (
        f"/bin/x {url} --port 5",
        f"/bin/x {flag}={shlex.quote(word)} {url}",
        f"/bin/x {flag} {shlex.quote(word)}",
    ):
        found = differences["masked"](said)
        assert PLANTED not in found
        assert found.startswith("/bin/x ")


@given(url=URLS, word=SECRETS)
def test_what_is_planted_in_a_process_or_a_log_stays_on_the_node(
    projects: dict[str, Any], why: dict[str, Any], url: str, word: str
) -> None:
    assert PLANTED not in json.dumps(
        projects["masked"](["/bin/x", url, f"--db={url}", f"--pwd={word}", json.dumps({"password": word})])
    )
    assert PLANTED not in why["masked_line"](f"12:00 GET {url} for alice/churn, password={word}")


def test_a_word_of_a_url_that_looks_like_a_port_stays_on_the_node(
    settings: dict[str, Any], differences: dict[str, Any], projects: dict[str, Any], why: dict[str, Any]
) -> None:
    for url in ("mongodb://u:12/3@h/x", "mongodb://u@corp:12/3@h/x", "http://aen.example.com:8080/x@h/x"):
        masked = url.partition("://")[0] + "://***@h/x"
        assert settings["masked_text"](url) == masked
        assert differences["masked"](url) == masked
        assert projects["masked"]([url]) == [masked]
        assert why["masked_line"](url) == masked


def test_what_is_no_secret_is_told(settings: dict[str, Any], differences: dict[str, Any]) -> None:
    for word in ("http://aen.example.com/x@y", "npm @scope/x", "http://[::1]:5002/", "user@example.com"):
        assert settings["masked_text"](word) == word
    assert settings["masked_text"]("mongodb://u:p@ss@db:27017/x") == "mongodb://***@db:27017/x"
    assert settings["masked"]("credentials", {"value": "x"}) == "***"
    assert settings["masked"]("LDAP", {"keys": ["x"], "URI": "ldaps://h"}) == {"keys": "***", "URI": "ldaps://h"}
    assert differences["masked"]("/bin/x mongodb://u:pw@h/x -c /etc/x") == "/bin/x mongodb://***@h/x -c /etc/x"


@given(word=ORDINARY)
def test_what_is_hidden_is_what_is_meant(
    settings: dict[str, Any], differences: dict[str, Any], projects: dict[str, Any], why: dict[str, Any], word: str
) -> None:
    hidden = {
        "settings": settings["masked_text"](word),
        "differences": differences["masked"](word),
        "projects": projects["masked"]([word])[0],
        "why": why["masked_line"](word),
    }
    for name, rules in IN_FULL.items():
        meant = word
        for pattern, instead in rules:
            meant = re.sub(pattern, instead, meant)
        assert hidden[name] == meant, name


@pytest.mark.parametrize("word", LONG_WORDS, ids=lambda word: word[:6])
def test_a_word_of_a_megabyte_is_gone_through_once(
    settings: dict[str, Any], differences: dict[str, Any], projects: dict[str, Any], why: dict[str, Any], word: str
) -> None:
    assert settings["masked_text"](word) == word
    assert differences["masked"](word) == word
    assert projects["masked"]([word]) == [word[:4096]]
    assert why["masked_line"](word) == word
    secret = f"{word} password={PLANTED} x"
    for found in (settings["masked_text"](secret), differences["masked"](secret), why["masked_line"](secret)):
        assert PLANTED not in found


def test_a_file_of_one_long_word_is_read_on_every_python(every_python: str, tmp_path: Path) -> None:
    (tmp_path / "long.json").write_text(json.dumps({"a": "a" * LONG, "b": f"http://u:{PLANTED}@h/x"}))
    (tmp_path / "open.json").write_text('{"a": "' + '\\"' * (LONG // 2) + "\n, }")
    order = {"files": [["compute", str(tmp_path / name)] for name in ("long.json", "open.json")]}
    good, broken = json.loads(errand(every_python, "settings", order))["files"]
    assert good["keys"]["a"] == '"' + "a" * (len(good["keys"]["a"]) - 1)
    assert good["keys"]["b"] == '"http://***@h/x"'
    assert (broken["line"], broken["problem"]) == (2, "a comma before the closing bracket")
