"""No secret leaves a node: planted under keys of every kind, in URLs, in command lines."""

from __future__ import annotations

import json
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
    (sign * LONG)[:LONG]
    for sign in (
        "a",
        "a.",
        "a-",
        "key",
        "secret_",
        "a://",
        "a://b:",
        "://",
        "@",
        "a+",
        '"',
        "'=",
        "-",
        " -",
        "-u=",
        "-u a",
        "docker -u 1:1 ",
        "curl -s",
        " curl -uu",
        "mysql-",
        "docker \t",
    )
]
"""Of one character or a few, none of which is a secret."""
HIDDEN = {
    'sh -c "wk-gateway-configure -u a --password hunter2"': 'sh -c "wk-gateway-configure -u a --password ***',
    "x --password -hunter2 --port 5": "x --password *** --port 5",
    "x --api-key hunter2": "x --api-key ***",
    'args: ["--password", "hunter2", "x"]': 'args: ["--password", *** "x"]',
    "setenv MONGO_PWD hunter2": "setenv MONGO_PWD ***",
    "curl -u bob:hunter2 http://h/x": "curl -u bob:*** http://h/x",
    "curl -ubob:hunter2 http://h/x": "curl -ubob:*** http://h/x",
    "curl --user=bob:'hunter2 hunter3' x": "curl --user=bob:*** x",
    "mysql -phunter2 -h x": "mysql -p*** -h x",
    "/usr/bin/mongo -u a -p hunter2 db": "/usr/bin/mongo -u a -p *** db",
    "ldapsearch -x -w hunter2 -p 389": "ldapsearch -x -w *** -p 389",
    "MONGO_PWD=/hunter2": "MONGO_PWD=***",
    "UID=a;PWD=/hunter2": "UID=a;PWD=***",
    "a PWD=/x;token=hunter2": "a PWD=***",
    "GET /conda/t/tk-hunter2/x": "GET /conda/t/***/x",
    "GET /t/ab-0123456789abcdef-hunter2": "GET /t/***",
    "curl -u 'bob:hunter2 hunter3' x": "curl -u 'bob:***' x",
    "curl -sSu bob:hunter2 x": "curl -sSu bob:*** x",
    "curl -sSubob:hunter2 x": "curl -sSubob:*** x",
    "curl -u :hunter2 x": "curl -u :*** x",
    "curl -u CORP/bob:hunter2 x": "curl -u CORP/bob:*** x",
    "docker run -u 7:7 x curl -u 1000:1000hunter2 y": "docker run -u 7:7 x curl -u 1000:*** y",
    "docker login -u bob -p hunter2 x": "docker login -u bob -p *** x",
    "redis-cli -h x -a hunter2 ping": "redis-cli -h x -a *** ping",
    "mysql -u root -p1234hunter2 x": "mysql -u root -p*** x",
    "mysqldump -p -h x --password=hunter2 y": "mysqldump -p -h x --password=*** y",
    "mariadb-dump -passhunter2 x": "mariadb-dump -p*** ***",
    "ldapsearch -xLLLw hunter2 -h x": "ldapsearch -xLLLw *** -h x",
    "ldapsearch -xwhunter2 -h x": "ldapsearch -xw*** -h x",
    "sshpass -p 'hunter2 hunter3' ssh -p 5 h": "sshpass -p *** ssh -p *** h",
    "X-Auth-Token: hunter2 hunter3": "X-Auth-Token: ***",
    "Authorization: Token hunter2 hunter3": "Authorization: ***",
    "Set-Cookie: session=hunter2; a=hunter2": "Set-Cookie: ***",
    "pwd=hunter2 x": "pwd=*** x",
    "auth=hunter2 x": "auth=*** x",
    "ldap_pw: hunter2 x": "ldap_pw: *** x",
    "credential=hunter2, x": "credential=*** x",
    'BIND_AUTH: "hunter2 hunter3" x': "BIND_AUTH: *** x",
    '{"cookies": "sid=hunter2"}': '{"cookies": ***',
    '{"a": 1, "password": "hunt\\"er2 hunter2", "b": 2}': '{"a": 1, "password": *** "b": 2}',
    '{\\"password\\": \\"hunter2\\"}': '{\\"password\\": ***',
    'password="hunter2 hunter3': "password=***",
    "a bearer hunter2hunter2": "a bearer ***",
    "see https://repo/t/hunter2/conda": "see https://repo/t/***/conda",
    "http://h/x?code=hunter2": "http://h/x?code=***",
    "salt: hunter2": "salt: ***",
    "passphrase=hunter2": "passphrase=***",
    "if (token == 'hunter2')": "if (token == ***",
}
"""A line, or the only word of a command, and what is told of it."""
LISTS: list[tuple[list[Any], list[Any]]] = [
    (["x", "--password", "-hunter2", "--port", "5"], ["x", "--password", "***", "--port", "5"]),
    (["x", "--password", "hunter2 hunter3", "y"], ["x", "--password", "***", "y"]),
    (["x", "--password=hunter2 hunter3", "y"], ["x", "--password=***", "y"]),
    (["mongod", "--auth", "--port", "5"], ["mongod", "--auth", "--port", "5"]),
    (["x", "--key", "-hunter2", "y"], ["x", "--key", "***", "y"]),
    (["x", "--pin-token", 1234], ["x", "--pin-token", "***"]),
    (["curl", "-u", "bob:hunter2 hunter3", "x"], ["curl", "-u", "bob:***", "x"]),
    (["curl", "-H", "X-Auth-Token: hunter2 hunter3"], ["curl", "-H", "X-Auth-Token: ***"]),
    (["sudo", "/usr/bin/ldapsearch", "-w", "hunter2", "x"], ["sudo", "/usr/bin/ldapsearch", "-w", "***", "x"]),
    ([{"Key": "secret_word", "Value": "hunter2"}], [{"Key": "***", "Value": "***"}]),
    (["curl", "-sSu", "bob:hunter2 hunter3", "x"], ["curl", "-sSu", "bob:***", "x"]),
    (["/usr/bin/curl", "-sSubob:hunter2 hunter3"], ["/usr/bin/curl", "-sSubob:***"]),
    (["curl", "-u", "1000:1000", "x"], ["curl", "-u", "1000:***", "x"]),
    (["docker", "run", "x", "curl", "-u1000:1000"], ["docker", "run", "x", "curl", "-u1000:***"]),
    (
        ["a", "b", "c", "env", "A=b", "redis-cli", "-a", "-hunter2"],
        ["a", "b", "c", "env", "A=b", "redis-cli", "-a", "***"],
    ),
    (["docker", "login", "-u", "bob", "-p", "hunter2"], ["docker", "login", "-u", "bob", "-p", "***"]),
    (["mysql", "-p123", "x"], ["mysql", "-p***", "x"]),
    (["mysqldump", "-p", "-h", "x"], ["mysqldump", "-p", "-h", "x"]),
    (["ldapsearch", "-xw", "hunter2", "-h", "x"], ["ldapsearch", "-xw", "***", "-h", "x"]),
    (["mysql", "-phunter2 hunter3", "x"], ["mysql", "-p***", "x"]),
    (["/usr/bin/ldapsearch", "-p", "389", "-w", "hunter2"], ["/usr/bin/ldapsearch", "-p", "389", "-w", "***"]),
    (["mongo", "-p", "hunter2", "-w", "4"], ["mongo", "-p", "***", "-w", "4"]),
    (["sh", "-c", "x --password hunter2; y"], ["sh", "-c", "x --password *** y"]),
    (["-m", {"name": "password", "value": "hunter2"}], ["-m", {"name": "password", "value": "***"}]),
]
SHOWN_AS_IT_IS = [
    *(
        "http://aen.example.com/x@y",
        "npm @scope/x",
        "http://[::1]:5002/",
        "user@example.com",
        "cp -pr a b",
        "ssh -p5002 h",
    ),
    *("find /projects -print -perm 700", "conda -p/projects/a/b", "mongod --auth --port 5", "tests passed: 5"),
    *("{ code: 'EACCES', errno: 13 }", "exit code: 1", "statusCode=404", "ssh -p 5 h", "conda create -p /projects/a/b"),
    *("sudo: a : TTY=unknown ; PWD=/projects/a/b ; USER=b", "OLDPWD=/x", "/projects/t/churn", "cd /tmp/t/x"),
    *("docker run -u 1000:1000 -p 8080:80 x", "podman exec --user=1000:1000 x", "nerdctl run -it -u1000:1000 x"),
    *("mkdir -p /var/lib/mongo && mongod -f x", "mysql -u root -p -h x", "redis-cli -p 6379", "curl -u bob: -sS x"),
    *("the token has expired", "not authorized: bob", "python -u x.py", "wrong password for bob", "no key found"),
]
SETTINGS = {
    "BIND_PW": "hunter2",
    "ldap_pw": "hunter2",
    "Authorization": "Token hunter2",
    "args": ["--password", "hunter2"],
    "rows": [{"name": "password", "value": "hunter2"}, {"name": "port", "value": "5"}],
    "header": "Cookie: session=hunter2",
    "said": "password: hunter2",
    "start": "x --password hunter2",
    "hash_salt": "hunter2",
    "pass_phrase": "hunter2",
}


@pytest.fixture(scope="module", params=["settings", "differences", "projects", "why"])
def masking(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The names of an errand that tells what it has masked."""
    return loaded(request.param)


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """The names of the errand that reads configurations."""
    return loaded("settings")


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
    settings: dict[str, Any], url: str, word: str, flag: str
) -> None:
    for said in (
        f"/bin/x {url} --port 5",
        f"/bin/x {flag}={shlex.quote(word)} {url}",
        f"/bin/x {flag} {shlex.quote(word)}",
        f"/bin/x -u bob:{shlex.quote(word)}",
    ):
        found = settings["masked_text"](said)
        assert PLANTED not in found
        assert found.startswith("/bin/x ")


@given(url=URLS, word=SECRETS, blank=st.sampled_from(["", " ", "\n"]))
def test_what_is_planted_in_a_process_or_a_log_stays_on_the_node(
    settings: dict[str, Any], url: str, word: str, blank: str
) -> None:
    two = f"{word}{blank}{word}"
    words = ["/bin/x", url, f"--db={url}", f"--pwd={two}", "--password", two, "-u", f"u:{two}", "--x", f"-pq7q{two}"]
    assert PLANTED not in json.dumps(settings["masked"]([*words, json.dumps({"password": word})]))
    assert PLANTED not in settings["masked_text"](f"12:00 GET {url} for alice/churn, password={word}")


def test_a_word_of_a_url_that_looks_like_a_port_stays_on_the_node(settings: dict[str, Any]) -> None:
    for url in ("mongodb://u:12/3@h/x", "mongodb://u@corp:12/3@h/x", "http://aen.example.com:8080/x@h/x"):
        masked = url.partition("://")[0] + "://***@h/x"
        assert settings["masked_text"](url) == masked
        assert settings["masked"]([url]) == [masked]
    assert settings["masked_text"]("/x mongodb://u:p@ss@db:27017/x -c y") == "/x mongodb://***@db:27017/x -c y"


@pytest.mark.parametrize("line", HIDDEN)
def test_what_is_secret_is_hidden_by_every_errand_that_tells_of_such(masking: dict[str, Any], line: str) -> None:
    found = masking["masked_text"](line)
    assert "hunter" not in found
    assert found == HIDDEN[line]
    assert "hunter" not in json.dumps(masking["masked"](["sh", "-c", line]))


@pytest.mark.parametrize(("words", "told"), LISTS)
def test_words_of_a_command_are_masked_by_what_stands_before(
    settings: dict[str, Any], words: list[Any], told: list[Any]
) -> None:
    assert settings["masked"](words) == told


@pytest.mark.parametrize("line", SHOWN_AS_IT_IS)
def test_what_is_no_secret_is_told(settings: dict[str, Any], line: str) -> None:
    assert settings["masked_text"](line) == line
    assert settings["masked"](line.split()) == line.split()


def test_what_is_secret_in_a_configuration_is_hidden_by_its_key(settings: dict[str, Any]) -> None:
    row: dict[str, Any] = {}
    settings["read_json"](json.dumps(SETTINGS).encode(), row)
    assert "hunter" not in json.dumps(row)
    assert json.loads(row["keys"]["rows"])[1] == {"name": "port", "value": "5"}
    assert settings["masked"]({"value": "x"}, "credentials") == "***"
    assert settings["masked"]({"keys": ["x"], "URI": "ldaps://h"}, "LDAP") == {"keys": "***", "URI": "ldaps://h"}
    assert settings["masked"]({"private": True, "token": None}) == {"private": True, "token": None}


@pytest.mark.parametrize("word", LONG_WORDS, ids=lambda word: word[:6])
def test_a_word_of_a_megabyte_is_gone_through_once(settings: dict[str, Any], word: str) -> None:
    assert settings["masked_text"](word) == word
    found = settings["masked"](["x", f"{word} password={PLANTED}{word}"])
    assert found[0] == "x"
    assert found[1].startswith(f"{word} password=***")


def test_a_file_of_one_long_word_is_read_on_every_python(every_python: str, tmp_path: Path) -> None:
    (tmp_path / "long.json").write_text(json.dumps({"a": "a" * LONG, "b": f"http://u:{PLANTED}@h/x"}))
    (tmp_path / "open.json").write_text('{"a": "' + '\\"' * (LONG // 2) + "\n, }")
    order = {"files": [["compute", str(tmp_path / name)] for name in ("long.json", "open.json")]}
    good, broken = json.loads(errand(every_python, "settings", order))["files"]
    assert good["keys"]["a"] == '"' + "a" * (len(good["keys"]["a"]) - 1)
    assert good["keys"]["b"] == '"http://***@h/x"'
    assert (broken["line"], broken["problem"]) == (2, "a comma before the closing bracket")
