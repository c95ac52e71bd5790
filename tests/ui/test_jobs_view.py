"""View 7, and what is asked before the program is left while a job is on its way."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.headless.do_output import Output
from aen_tui.model.jobs import JobPhase, MemberPhase
from aen_tui.model.plans import ActionName, Result, Step
from aen_tui.runtime.job import Job
from aen_tui.runtime.job_file import JobFolder, JobRecord, MemberRecord
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import run_line
from aen_tui.ui.presentation.severity import ASCII
from aen_tui.ui.screens.job_question import AbortScreen, LeaveScreen, LookScreen
from tests.support.jobs import begin, claim, phases, prove
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.jobs_stage import COMPUTES, card_of, has_card, in_tree, is_asked, panel_of, running, start, started, told

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))
PRINTED = ("wk-compute: stopped", "wk-compute: started")


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    # that a card is deaf at first is shown elsewhere
    monkeypatch.setattr("aen_tui.ui.screens.deaf.DEAF_SECONDS", 0.0)
    return FakeRuntime(problems=False, history_samples=0, audit_folder=tmp_path)


async def drive(job: Job) -> None:
    """The canary is proved; of the second batch one is claimed, one fails; the third waits."""
    begin(job, 1)
    claim(job, 1, *PRINTED)
    prove(job, 1)
    begin(job, 2, 3)
    claim(job, 2, "wk-compute: ERROR (spawn error)")
    prove(job, 3, Result.FAILED, "spawn error")


# -- the view ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_every_state_has_its_word_at_every_size(runtime: FakeRuntime, size: tuple[int, int]) -> None:
    job = start(runtime)
    await drive(job)
    job.skip(6)
    async with running(runtime, size) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "canary" in screen_text(app))
        shown = list(panel_of(app).query_one("#tree").rows)  # type: ignore[attr-defined]
        text = "\n".join("".join(part for part, _ in row) for row in shown)
        for word in ("VERIFIED", "FAILED", "claimed", "waiting", "skipped", "batch 1 of 4"):
            assert word in text
        assert "4/6" not in screen_text(app)
        assert "3/6" in screen_text(app)
        assert "rolling restart" in screen_text(app)


async def test_the_cursor_follows_the_work_and_shows_what_was_printed(runtime: FakeRuntime) -> None:
    job = start(runtime)
    async with running(runtime) as (app, pilot):
        await pilot.press("7")
        begin(job, 1)
        claim(job, 1, *PRINTED)
        await until(pilot, lambda: PRINTED[1] in screen_text(app))
        prove(job, 1)
        begin(job, 2, 3)
        claim(job, 2, "and of the second")
        await until(pilot, lambda: "and of the second" in screen_text(app))
        await in_tree(app, pilot)
        await pilot.press("g", "j")  # the canary: the cursor is where it was put by hand
        await until(pilot, lambda: PRINTED[1] in screen_text(app))
        claim(job, 3, "of the third")
        prove(job, 2)
        await until(pilot, lambda: "pid 4002" in screen_text(app) or "4002" in screen_text(app))
        assert PRINTED[1] in screen_text(app)
        assert "RUNNING for 3.1 s" in screen_text(app), "what the result rests on"


async def test_elapsed_and_expected_time(runtime: FakeRuntime) -> None:
    job = start(runtime)
    job.expect(dict.fromkeys(range(1, 7), 20.0))
    begin(job, 1)
    runtime.clock.advance(5)
    async with running(runtime) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "5s of about 1m20s" in screen_text(app))
        assert "5s of 20s" in screen_text(app)


async def test_pause_go_on_and_skip(runtime: FakeRuntime) -> None:
    job = start(runtime)
    async with running(runtime) as (app, pilot):
        await pilot.press("7", "p")
        await until(pilot, lambda: "PAUSED" in screen_text(app))
        await pilot.press("p")
        await until(pilot, lambda: job.state.phase is JobPhase.RUNNING)
        await in_tree(app, pilot)
        await pilot.press("G", "S")
        await until(pilot, lambda: "skipped" in phases(job.state))
        assert phases(job.state) == ["waiting"] * 5 + ["skipped"], "the one under the cursor"
        await pilot.press("g", "S")
        await until(pilot, lambda: phases(job.state).count("skipped") == 2)
        assert phases(job.state)[0] == "skipped", "on a batch's head: the next that waits"


async def test_abort_asks_and_enter_goes_on(runtime: FakeRuntime) -> None:
    job = start(runtime)
    begin(job, 1)
    async with running(runtime) as (app, pilot):
        await pilot.press("7", "X")
        await until(pilot, lambda: is_asked(app, AbortScreen))
        await until(pilot, lambda: "compute" in screen_text(app) and "what runs is seen to its end" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        assert not job.is_aborted
        await pilot.press("X")
        await until(pilot, lambda: is_asked(app, AbortScreen))
        await pilot.press("y")
        await until(pilot, lambda: job.is_aborted)
        await until(pilot, lambda: "aborts after what runs" in screen_text(app))


async def test_a_job_that_has_ended_says_what_is_left_and_how_to_go_on(runtime: FakeRuntime) -> None:
    job = start(runtime)
    await drive(job)
    prove(job, 2)
    line = "aen-tui do --resume 0123456789ab"
    job.end(JobPhase.FAILED, Result.FAILED, "1 failed", left=("compute1-3/wk-compute",), commands=(line, "other"))
    copied: list[str] = []
    async with running(runtime) as (app, pilot):
        app.copy_to_clipboard = copied.append  # type: ignore[assignment,method-assign]
        await pilot.press("7")
        await until(pilot, lambda: line in screen_text(app))
        assert "compute1-3/wk-compute" in screen_text(app)
        await pilot.press("c")
        await until(pilot, lambda: bool(copied))
        assert copied == [line]
        await pilot.press("p", "S", "X")
        assert not isinstance(app.screen, AbortScreen)


async def test_a_plain_action_is_a_job_too(runtime: FakeRuntime) -> None:
    plan = runtime.plan(ActionName.RESTART, COMPUTES[:1])
    job = runtime.jobs.start(plan)
    async with running(runtime) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "compute1-1" in screen_text(app) and "waiting" in screen_text(app))
        await pilot.press("p", "S", "X")
        assert job.state.phase is JobPhase.RUNNING
        assert not isinstance(app.screen, AbortScreen)


async def test_control_characters_and_ascii(runtime: FakeRuntime) -> None:
    job = start(runtime)
    begin(job, 1)
    claim(job, 1, "\x1b[31mred\x07 [bold]not markup[/]")
    async with running(runtime) as (app, pilot):
        app.glyphs = ASCII
        await pilot.press("7")
        await until(pilot, lambda: "[bold]not markup[/]" in screen_text(app))
        body = "\n".join(screen_text(app).split("\n")[1:-1])
        assert "\x1b" not in body
        marks = {mark for mark in body if not mark.isascii()} - {"␛", "␇"}
        assert not marks & set("✔✖◐…░▓█→·"), marks


# -- what `do --json` says is what the view shows ------------------------------------------------------


async def test_the_events_of_do_are_those_of_the_view(runtime: FakeRuntime) -> None:
    job = start(runtime)
    out = io.StringIO()
    output = Output(runtime, out, io.StringIO(), as_json=True)  # type: ignore[arg-type]  # as far as it is used
    job.subscribe(output.event)
    words = {"step-started": "running", "step-finished": "claimed", "skipped": "skipped"}
    async with running(runtime) as (app, pilot):
        await pilot.press("7")
        acts: tuple[Callable[[], object], ...] = (
            lambda: begin(job, 1),
            lambda: claim(job, 1),
            lambda: prove(job, 1),
            lambda: begin(job, 2, 3),
            lambda: prove(job, 2, Result.UNVERIFIED, "lost"),
            lambda: prove(job, 3, Result.FAILED, "spawn error"),
            lambda: job.skip(5),
            lambda: job.end(JobPhase.FAILED, Result.FAILED, "1 failed"),
        )
        for act in acts:
            act()
            told: dict[int, str] = {}
            for line in out.getvalue().splitlines():
                event = json.loads(line)
                if "member" in event:
                    word = event["result"].upper() if event["event"] == "verified" else words[event["event"]]
                    told[event["member"]] = f"{event['node']} {'skipped' if event['skipped'] else word}"
            await until(pilot, lambda told=told: _shown(app) >= told.items())  # type: ignore[misc]
        assert json.loads(out.getvalue().splitlines()[-1])["result"] == "failed"
        await until(pilot, lambda: "FAILED" in screen_text(app).split("\n")[1])


def _shown(app: AenApp) -> Any:
    """Member number -> node and word, as drawn."""
    panel = panel_of(app)
    found: dict[int, str] = {}
    for row, spans in zip(panel._rows, panel.query_one("#tree").rows, strict=True):  # type: ignore[attr-defined]
        if row.member is not None:
            text = "".join(part for part, _ in spans).split()
            found[row.member.number] = f"{text[2]} {text[1]}"
    return found.items()


# -- jobs that an earlier run left --------------------------------------------------------------------


def leave_behind(runtime: FakeRuntime, tmp_path: Path, *, phase: MemberPhase = MemberPhase.RUNNING) -> JobRecord:
    rolling = runtime.jobs.plan_rolling(ActionName.RESTART, COMPUTES)
    done = (MemberPhase.VERIFIED, phase)
    members = tuple(
        MemberRecord(step, done[number] if number < len(done) else MemberPhase.WAITING)
        for number, step in enumerate(rolling.plan.steps)
    )
    record = JobRecord(
        id=rolling.plan.id,
        cluster=runtime.inventory.name,
        user="ops",
        action=ActionName.RESTART,
        settings=rolling.settings,
        batches=rolling.batches,
        members=members,
        started_at="2026-11-21T06:00:00.000Z",
    )
    JobFolder(tmp_path / "jobs").save(record)
    return record


async def test_a_killed_runs_job_is_listed_and_goes_on_by_a_card(runtime: FakeRuntime, tmp_path: Path) -> None:
    record = leave_behind(runtime, tmp_path, phase=MemberPhase.FAILED)
    async with running(runtime, (120, 60)) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "the program ended in the middle" in screen_text(app))
        assert f"do --resume {record.id}" in screen_text(app)
        await pilot.press("R")
        await until(pilot, lambda: has_card(app))
        assert card_of(app).rolling.run == 2
        assert len(card_of(app).plan.steps) == 5
        assert "1 done before" in screen_text(app)
        assert started(runtime) == []
        before = card_of(app).rolling.settings
        await pilot.press("plus")
        assert card_of(app).rolling.settings == before
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: bool(started(runtime)) and app.main.active == 7)
        await until(pilot, lambda: len(panel_of(app)._shown) == 1)


async def test_only_a_confirmed_command_looks_what_became_of_a_step(
    runtime: FakeRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = leave_behind(runtime, tmp_path)
    asked = replace(record.members[1].step, proof_argv=("sudo", "-n", "supervisorctl", "status", "wk-compute"))
    members = (record.members[0], MemberRecord(asked, MemberPhase.RUNNING), *record.members[2:])
    JobFolder(tmp_path / "jobs").save(replace(record, members=members, syslog_only=True))
    looked: list[Step] = []

    async def observe(step: Step, _seconds: float) -> Verdict:
        looked.append(step)
        return Verdict(Result.UNVERIFIED, error="the pid is the same as before")

    monkeypatch.setattr(runtime.jobs._executor, "observe", observe)
    async with running(runtime, (120, 60)) as (app, pilot):
        for key in ("n", "y"):
            await pilot.press("7")
            await until(pilot, lambda: "the program ended in the middle" in screen_text(app))
            await pilot.press("R")
            await until(pilot, lambda: is_asked(app, LookScreen))
            assert f"{asked.target.node}: env LC_ALL=C sudo -n supervisorctl status wk-compute" in screen_text(app)
            assert looked == []
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, LookScreen))
        await until(pilot, lambda: has_card(app))
        assert [step.target for step in looked] == [asked.target]


async def test_what_was_on_its_way_is_not_known(runtime: FakeRuntime, tmp_path: Path) -> None:
    leave_behind(runtime, tmp_path)
    async with running(runtime) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "UNVERIFIED" in screen_text(app))
        assert "what it did is not known" in screen_text(app)


async def test_a_job_of_another_process_can_only_be_looked_at(runtime: FakeRuntime, tmp_path: Path) -> None:
    record = leave_behind(runtime, tmp_path)
    with JobFolder(tmp_path / "jobs").running(record.id):
        async with running(runtime) as (app, pilot):
            await pilot.press("7")
            await until(pilot, lambda: "carried out by another process" in screen_text(app))
            await pilot.press("p", "X", "R")
            await pilot.pause()
            assert app.screen is app.main


# -- leaving -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["q", "ctrl+q", ":q"])
async def test_leaving_asks_while_a_job_is_on_its_way(runtime: FakeRuntime, way: str) -> None:
    job = start(runtime)
    begin(job, 1)
    async with running(runtime) as (app, pilot):
        if way.startswith(":"):
            run_line(app, "q")
        else:
            await pilot.press(way)
        await until(pilot, lambda: is_asked(app, LeaveScreen))
        assert "rolling restart" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        assert not app.left
        assert not job.is_aborted


async def test_it_leaves_when_what_runs_has_ended(runtime: FakeRuntime) -> None:
    job = start(runtime)
    begin(job, 1)
    async with running(runtime) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: is_asked(app, LeaveScreen))
        await pilot.press("y")
        await until(pilot, lambda: "leaving when what runs has ended" in screen_text(app))
        assert job.is_aborted
        assert not app.left
        prove(job, 1)
        job.end(JobPhase.ABORTED, Result.UNVERIFIED, "aborted")
        await until(pilot, lambda: app.left)


async def test_it_can_leave_at_once_and_without_a_job_asks_nothing(runtime: FakeRuntime) -> None:
    job = start(runtime)
    async with running(runtime) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: is_asked(app, LeaveScreen))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: app.left)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        app.left = False
        job.end(JobPhase.DONE, Result.VERIFIED, None)
        await pilot.press("q")
        await until(pilot, lambda: app.left)


async def test_the_end_is_told_where_nobody_sees_it(runtime: FakeRuntime) -> None:
    job = start(runtime)
    async with running(runtime) as (app, pilot):
        job.end(JobPhase.FAILED, Result.FAILED, "1 failed: spawn error")
        await until(pilot, lambda: "FAILED: rolling restart" in told(app))


async def test_the_header_says_how_far_a_job_is_wherever_one_looks(runtime: FakeRuntime) -> None:
    job = start(runtime)
    begin(job, 1)
    prove(job, 1)
    async with running(runtime, (80, 24)) as (app, pilot):
        await until(pilot, lambda: "Fleet  7 restart 1/6" in screen_text(app).split("\n")[0])
        await pilot.press("7")
        await until(pilot, lambda: "Jobs" in screen_text(app).split("\n")[0])
        assert "7 restart" not in screen_text(app).split("\n")[0]
