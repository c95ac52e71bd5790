"""What the app does about projects: lists, questions, walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aen_tui.model.node import Role
from aen_tui.ui.app_keys import AppKeys
from aen_tui.ui.messages import OpenProject, OpenProjects, UsageRequested, WhyRequested

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend


class AppProjects(AppKeys):
    """An app on a backend that knows projects."""

    backend: Backend
    """What is watched."""

    async def on_open_projects(self, message: OpenProjects) -> None:
        """The list."""
        from aen_tui.ui.screens.projects import ProjectsScreen

        await self.to_main()
        await self.push_screen(ProjectsScreen(self.backend, message.nodes))

    async def on_open_project(self, message: OpenProject) -> None:
        """The processes of one, over what is open."""
        from aen_tui.ui.screens.project import ProjectScreen

        await self.push_screen(ProjectScreen(self.backend, message.node, message.project))

    async def on_why_requested(self, message: WhyRequested) -> None:
        """Ask the computes; the answers come as they come."""
        from aen_tui.ui.screens.why import WhyScreen

        nodes = self.backend.inventory.nodes
        wanted = message.nodes or [name for name, spec in nodes.items() if Role.COMPUTE in spec.roles]
        await self.push_screen(WhyScreen(self.backend, self.backend.projects.why(message.project, wanted)))

    async def on_usage_requested(self, message: UsageRequested) -> None:
        """A new walk, or the last one again."""
        from aen_tui.ui.screens.usage import UsageScreen

        usages = self.backend.projects.usages
        job = usages.start(message.wanted) if message.wanted else usages.last
        if job is None:
            self.notify("nothing was walked yet: :usage TARGET", markup=False)
            return
        await self.to_main()
        await self.push_screen(UsageScreen(self.backend, job))
