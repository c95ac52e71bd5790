"""What the app does about jobs: shows them, tells how they ended, asks before it leaves while one is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aen_tui.ui.app_keys import AppKeys
from aen_tui.ui.messages import JobResumed, OpenJob

if TYPE_CHECKING:
    from aen_tui.runtime.job import Job
    from aen_tui.ui.backend import Backend

JOBS_DIGIT = 7


class AppJobs(AppKeys):
    """An app on a backend that carries things out."""

    backend: Backend
    """What is watched, and carries out."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._told_jobs: set[str] = set()
        self._stop_telling: Callable[[], None] = lambda: None

    def follow_jobs(self) -> None:
        """Tell how rolling jobs end, from now on."""
        self._stop_telling = self.backend.jobs.on_change(self._job_changed)

    def on_unmount(self) -> None:
        """What goes on is told to nobody."""
        self._stop_telling()

    def leave(self) -> None:
        """Quit; asks first while something is being carried out."""
        from aen_tui.ui.screens.job_question import LeaveScreen

        busy = self.busy_jobs()
        if not busy:
            self.exit(0)
        elif not isinstance(self.screen, LeaveScreen):
            self.push_screen(LeaveScreen(busy, self._leave_now))

    def _leave_now(self) -> None:
        self.exit(0)

    def busy_jobs(self) -> list[Job]:
        """What is being carried out."""
        jobs = self.backend.jobs
        found = (jobs.get(state.id) for state in jobs.states() if not state.has_ended)
        return [job for job in found if job is not None]

    async def on_open_job(self, message: OpenJob) -> None:
        """View 7 on it."""
        from aen_tui.ui.panels.jobs import JobsPanel

        await self.to_main()
        panel = await self.main.show(JOBS_DIGIT)
        if isinstance(panel, JobsPanel):
            panel.show_job(message.job)

    def on_job_resumed(self, message: JobResumed) -> None:
        """A look at what became of it, then the card."""
        from aen_tui.ui.screens.rolling_asking import ask_resumed

        ask_resumed(self, self.backend, message.job)

    def _job_changed(self, job: str) -> None:
        """Tell how a rolling job ended, or was turned to failed, where nobody sees it."""
        found = self.backend.jobs.get(job)
        if found is None or not found.state.has_ended or not found.state.is_rolling:
            self._told_jobs.discard(job)
        elif job not in self._told_jobs:
            self._told_jobs.add(job)
            if not (self.screen is self.main and self.main.active == JOBS_DIGIT):
                from aen_tui.ui.screens.rolling_asking import tell_end

                tell_end(self, found.state)
