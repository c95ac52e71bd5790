"""Oracle JRE 7 or 8 where Elasticsearch lives (4.0: 8)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._installed import carrier
from aen_tui.checks.preflight._versions import is_before_41, numbers, seed_of
from aen_tui.model.node import Role

_REMEDY = "install Oracle's JRE 8 (jre-8u65)"


def _evaluate(look: Look) -> Iterable[Verdict]:
    return (verdict.by(seed_of(look.version)) for verdict in _verdicts(look))


def _verdicts(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("programs could not be looked at")
        return
    program, carries = look.host.programs.get("java"), look.host.programs.get("elasticsearch") is not None
    where = None if carries else carrier(look, "elasticsearch", look.inventory.elasticsearch_url)
    if where is not None:
        yield ok(f"Elasticsearch, which needs Java, lives on {where}")
        return
    if program is None:
        yield warning("there is no Java, which Elasticsearch needs", _REMEDY)
        return
    version = numbers(program.text, r'version "(\d+(?:\.\d+)*)')
    if version is None:
        yield unknown(f"{program.path} does not say its version", _REMEDY)
        return
    release = version[1] if version[0] == 1 and len(version) > 1 else version[0]
    wanted = (8,) if is_before_41(look.version) else (7, 8)
    is_oracle = "Java(TM)" in program.text or "HotSpot" in program.text
    if release not in wanted:
        yield warning(f"Java {release}, wanted Oracle JRE {' or '.join(map(str, wanted))}", _REMEDY)
    elif not is_oracle:
        yield warning(f"Java {release} is not Oracle's: {program.text.partition(' / ')[0]}", _REMEDY)
    else:
        yield ok(f"Oracle JRE {release}")


REQUIREMENT = Requirement(
    "java-version", "Java", "000", _evaluate, (Role.SERVER, Role.STORE), ("requirement:jre", "004 requirement:jre")
)
