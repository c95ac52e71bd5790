"""Requirements of stores, wherever they live."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.checks.preflight import judge
from aen_tui.model.facts import StoreState
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import NodeFacts
from aen_tui.model.severity import Severity
from tests.support.preflight_cases import Case, programs
from tests.unit.checks.test_preflight import OK, SERVER, facts_of, failing, look_at


def test_stores_that_live_elsewhere_are_not_missed_here() -> None:
    elsewhere = {"mongo_url": "mongodb://db.example.com:27017", "elasticsearch_url": "http://db.example.com:9200"}
    bare = programs(mongod=None, elasticsearch=None, java=None)
    assert failing(judge(look_at(Case("", Role.SERVER, OK, "", bare, inventory=elsewhere)))) == {}


def test_a_store_that_the_server_may_carry_is_not_missed_on_the_stores_host() -> None:
    bare = programs(mongod=None, elasticsearch=None, java=None)
    look = look_at(Case("", Role.SERVER, OK, "", bare, spec={"roles": (Role.STORE,)}))
    assert failing(judge(look))["mongodb-version"].severity is Severity.WARNING, "no server is beside it"
    other = replace(look.inventory.nodes[SERVER], name=NodeName("aen-other"))
    known = replace(look.inventory, nodes={**look.inventory.nodes, other.name: other})
    for facts, severity, words in (
        (facts_of(other), OK, "lives on aen-other"),
        (NodeFacts(), Severity.UNKNOWN, "aen-other, which may carry it, is not known"),
        (facts_of(other, bare), Severity.WARNING, "is not installed on aen-server"),
    ):
        found = judge(replace(look, inventory=known, others={**look.others, other.name: facts}))
        for check in ("mongodb-version", "elasticsearch-version"):
            (said,) = [one for one in found if one.check == check]
            assert said.severity is severity and words in said.message, said
    here = {"mongo_url": "mongodb://localhost:27017", "elasticsearch_url": "http://127.0.0.1:9200"}
    found = judge(look_at(Case("", Role.SERVER, OK, "", bare, inventory=here)))
    assert {"mongodb-version", "elasticsearch-version", "java-version"} <= failing(found).keys()


def test_the_elasticsearch_that_answers_counts_before_the_one_that_is_installed() -> None:
    look = look_at(Case("", Role.SERVER, OK, ""))
    for state, found in (("up", Severity.WARNING), ("down", None)):
        old = replace(look.node, stores={"elasticsearch": StoreState(state, version="1.6.0")})
        said = failing(judge(replace(look, node=old))).get("elasticsearch-version")
        assert (said.severity if said else None) is found
