"""Where MongoDB and Elasticsearch are asked: URLs taken apart, and no secret in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import ConfigError
from aen_tui.model.inventory import Inventory, MongoTarget


def load(folder: Path, lines: str) -> Inventory:
    file = folder / "inventory.toml"
    file.write_text(f'name = "x"\n[server]\nhost = "aen-server"\n{lines}\n')
    file.chmod(0o600)
    return load_inventory(file)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("mongodb://127.0.0.1:27017", MongoTarget("127.0.0.1")),
        ("mongodb://db", MongoTarget("db")),
        ("mongodb://[::1]:27018/wakari", MongoTarget("::1", 27018, None, "wakari")),
        ("mongodb://mon%40x@db/", MongoTarget("db", 27017, "mon@x", "admin")),
    ],
)
def test_a_url_taken_apart(tmp_path: Path, url: str, target: MongoTarget) -> None:
    assert load(tmp_path, f'mongo_url = "{url}"').mongo == target


def test_without_urls_the_ports_are_looked_at(tmp_path: Path) -> None:
    inventory = load(tmp_path, "")
    assert (inventory.mongo, inventory.elasticsearch_url, inventory.elasticsearch_nodes) == (None, None, 1)


def test_a_password_file_beside_the_inventory(tmp_path: Path) -> None:
    lines = 'mongo_url = "mongodb://monitor@db"\nmongo_password_file = "mongo.password"'
    target = load(tmp_path, lines).mongo
    assert target is not None and target.password_file == tmp_path / "mongo.password"


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ('mongo_url = "mongodb://u:secret@db"', "holds a password"),
        ('mongo_url = "mongodb://a,b/?replicaSet=rs0"', "several hosts"),
        ('mongo_url = "http://db"', "no such URL"),
        ('mongo_url = "mongodb://"', "no such URL"),
        ('mongo_url = "mongodb://db:99999"', "port"),
        ('mongo_password_file = "x"', "no mongo_url"),
        ('mongo_url = "mongodb://db"\nmongo_password_file = "x"', "no user"),
        ('elasticsearch_url = "mongodb://db"', "no such URL"),
        ('elasticsearch_url = "http://u:secret@db:9200"', "holds a password"),
        ("elasticsearch_nodes = 0", "1 or more"),
        ('url = "http://aen:abc"', "the server's is no url"),
        ('url = "http://[secret"', "the server's is no url"),
        ('url = "aen.example.com"', "the server's is no url"),
    ],
)
def test_bad_urls_are_named_and_no_secret_is_repeated(tmp_path: Path, lines: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, lines)
    assert what in str(caught.value).lower() or what in str(caught.value)
    assert "secret" not in str(caught.value)
