"""The words of the `:` line and of the palette: one registry for both. A command asks; the app answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from textual.message import Message

from aen_tui.config.targets import Target as Written
from aen_tui.config.targets import nodes_of, parse_targets
from aen_tui.errors import AenError, PlanRefusedError
from aen_tui.model.facts import LinkState
from aen_tui.model.moments import parse_moment
from aen_tui.model.plans import ActionName, Target
from aen_tui.ui import project_words, trial_words
from aen_tui.ui.action_words import ActionWords
from aen_tui.ui.differs_words import differs
from aen_tui.ui.messages import (
    ActionRequested,
    OpenLogs,
    OpenNode,
    SaveRequested,
    SearchLogs,
    ShellRequested,
    TimeChosen,
)

if TYPE_CHECKING:
    from aen_tui.model.node import NodeName
    from aen_tui.ui.backend import Backend
    from aen_tui.ui.panels import PanelEntry


_ALONE = ("retry", "logs", "grep", "differs", "projects", "usage")
"""Commands that mean something without their argument, too."""


class Desk(Protocol):
    """What a command may do: the app."""

    backend: Backend
    views: tuple[PanelEntry, ...]

    def post_message(self, message: Message) -> bool:
        """Ask the app for what a panel would ask for."""
        ...

    def show_view(self, digit: int) -> None:
        """Show one of the views."""
        ...

    def theme_names(self) -> Sequence[str]:
        """The themes there are."""
        ...

    def choose_theme(self, name: str) -> None:
        """Wear a theme."""
        ...

    def leave(self) -> None:
        """Quit."""
        ...

    def show_help(self) -> None:
        """The help of what is on screen."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """A word and what it does.

    `run` raises AenError where the argument is wrong; the line says so and stays.
    """

    name: str
    argument: str
    """What follows the word, in capitals; empty where nothing does."""
    help: str
    run: Callable[[Desk, str], None]
    complete: Callable[[Desk], Iterable[str]] = lambda _desk: ()
    """Every argument that could be meant."""


def commands_of(desk: Desk) -> dict[str, Command]:
    """Every command, by word; the views bring their own."""
    found = [
        *(_view(entry.digit, entry.title) for entry in desk.views),
        Command("node", "NODE", "open a node's page", _node, _nodes),
        Command("logs", "TARGET", "show logs: a node, NODE/SERVICE, NODE:/path, @gateway", _logs, _targets),
        Command("grep", "RE TARGET", "search logs on the nodes, rotated ones too; --since 6h", _grep, _targets),
        Command(
            "restart",
            "TARGET",
            "open the card that restarts NODE/SERVICE; --rolling, --batch N; NODES/everything",
            _act(ActionName.RESTART),
            _services,
        ),
        Command("start", "TARGET", "open the card that starts NODE/SERVICE", _act(ActionName.START), _services),
        Command("stop", "TARGET", "open the card that stops NODE/SERVICE", _act(ActionName.STOP), _services),
        Command(
            "reload",
            "NODE/SUPERVISORD",
            "open the card that lets a whole supervisord begin anew",
            _act(ActionName.RELOAD),
            _supervisords,
        ),
        Command(
            "reload-nginx",
            "NODE/nginx",
            "open the card that tests nginx's configuration, then reloads it",
            _act(ActionName.RELOAD_NGINX),
            _nginxes,
        ),
        Command(
            "reread",
            "NODE/SUPERVISORD",
            "open the card that asks what of its configuration would change",
            _act(ActionName.REREAD),
            _supervisords,
        ),
        Command(
            "update",
            "NODE/SUPERVISORD",
            "open the card that applies what `:reread` has shown",
            _act(ActionName.UPDATE),
            _supervisords,
        ),
        Command("try-acl", "NODE", trial_words.ACL, trial_words.try_acl, trial_words.computes),
        Command("try-clone", "NODE", trial_words.CLONE, trial_words.try_clone, trial_words.computes),
        Command("projects", "TARGET", "what runs in projects, the heaviest first", project_words.projects, _targets),
        Command(
            "why", "OWNER/PROJECT", "why a project does not start", project_words.why, project_words.known_projects
        ),
        Command("usage", "TARGET", "walk a filesystem: what is large, what is new", project_words.usage, _targets),
        Command("differs", "@dc:NAME", "who differs: versions, configs, packages of computes", differs, _targets),
        Command("goto", "TIME", "go to a time in all views: 14:05, -15m, 2016-10-19T14:05; `now` goes back", _goto),
        Command("w", "FILE", "write what this view shows to a new file (logs)", _write),
        Command("ssh", "NODE", "a shell on a node", _shell, _nodes),
        Command("arm", "15m REASON", "unlock changes for some minutes; the reason is recorded", _arm),
        Command(
            "maintenance",
            "TARGET 2h REASON",
            "bad on purpose for a while: shown, recorded, not counted; TARGET off ends it",
            _maintenance,
            _targets,
        ),
        Command("disarm", "", "lock changes again", _disarm),
        Command("retry", "TARGET", "ask now; try lost nodes now (all without a target)", _retry, _targets),
        Command("theme", "NAME", "wear another theme", _theme, lambda desk: desk.theme_names()),
        Command("help", "", "the keys of this view", lambda desk, _argument: desk.show_help()),
        Command("q", "", "quit", lambda desk, _argument: desk.leave()),
        Command("quit", "", "quit", lambda desk, _argument: desk.leave()),
    ]
    return {command.name: command for command in found}


def run_line(desk: Desk, line: str) -> None:
    """Do what a `:` line says.

    Raises:
        AenError: no such command, or its argument is wrong.
    """
    word, _, argument = line.strip().removeprefix(":").partition(" ")
    if not word:
        return
    commands = commands_of(desk)
    command = commands.get(word) or _only([one for name, one in commands.items() if name.startswith(word)])
    if command is None:
        raise AenError(f"no command `{word}`", hint="Tab completes; `:help` lists keys")
    if command.argument and not argument.strip() and command.name not in _ALONE:
        raise AenError(f":{command.name} wants {command.argument}")
    command.run(desk, argument.strip())


def completions(desk: Desk, line: str) -> list[str]:
    """Whole lines that the line could become, best first."""
    word, blank, argument = line.partition(" ")
    commands = commands_of(desk)
    if not blank:
        return [name + (" " if command.argument else "") for name, command in commands.items() if name.startswith(word)]
    command = commands.get(word)
    if command is None:
        return []
    known = list(command.complete(desk))
    starts = [one for one in known if one.startswith(argument)]
    inside = [one for one in known if argument in one and not one.startswith(argument)]
    return [f"{word} {one}" for one in starts + inside if one != argument]


def _only(found: list[Command]) -> Command | None:
    return found[0] if len({command.run for command in found}) == 1 else None


def _view(digit: int, title: str) -> Command:
    return Command(title.lower(), "", f"view {digit}: {title}", lambda desk, _argument: desk.show_view(digit))


def _nodes(desk: Desk) -> Iterable[str]:
    return desk.backend.inventory.nodes


def _targets(desk: Desk) -> Iterable[str]:
    inventory = desk.backend.inventory
    return [
        *inventory.nodes,
        "@all",
        "@server",
        "@gateway",
        "@compute",
        *(f"@dc:{dc}" for dc in inventory.data_centers),
    ]


def _services(desk: Desk) -> Iterable[str]:
    nodes = desk.backend.snapshot().nodes.values()
    return [f"{node.name}/{one.name}" for node in nodes for one in node.services if one.state != "absent"]


def _nginxes(desk: Desk) -> Iterable[str]:
    return [one for one in _services(desk) if one.endswith("/nginx")]


def _supervisords(desk: Desk) -> Iterable[str]:
    nodes = desk.backend.snapshot().nodes.values()
    return dict.fromkeys(f"{node.name}/{one.supervisor}" for node in nodes for one in node.services if one.supervisor)


def _node(desk: Desk, argument: str) -> None:
    for name in nodes_of(parse_targets([argument], desk.backend.inventory))[:1]:
        desk.post_message(OpenNode(name))


def _shell(desk: Desk, argument: str) -> None:
    for name in nodes_of(parse_targets([argument], desk.backend.inventory))[:1]:
        desk.post_message(ShellRequested(name))


def _logs(desk: Desk, argument: str) -> None:
    if not argument:
        desk.post_message(OpenLogs())
        return
    from aen_tui.runtime.log_sources import log_keys  # the runtime is heavy, and here long since loaded

    inventory = desk.backend.inventory
    desk.post_message(OpenLogs(log_keys(parse_targets(argument.split(), inventory), inventory)))


def _goto(desk: Desk, argument: str) -> None:
    try:
        moment = None if argument == "now" else parse_moment(argument, desk.backend.clock.wall())
    except ValueError as error:
        raise AenError(str(error)) from None
    desk.post_message(TimeChosen(moment))


def _write(desk: Desk, argument: str) -> None:
    try:
        file = Path(argument).expanduser().absolute()
    except RuntimeError as error:  # `~nobody` has no home
        raise AenError(f"`{argument}`: {error}") from None
    if file.exists() or file.is_symlink():
        raise AenError(f"{file} is there already", hint="nothing is overwritten: another name")
    if not file.parent.is_dir():
        raise AenError(f"{file.parent} is no folder")
    desk.post_message(SaveRequested(file))


def _grep(desk: Desk, argument: str) -> None:
    from aen_tui.runtime.log_sources import default_keys, log_keys
    from aen_tui.state.node_patterns import node_pattern

    if not argument:
        desk.post_message(SearchLogs())
        return
    inventory = desk.backend.inventory
    words = _Grep.parse(argument)
    try:
        pattern = node_pattern(words.pattern)
        since = parse_moment(words.since, desk.backend.clock.wall()) if words.since is not None else None
    except ValueError as error:
        raise AenError(str(error)) from None
    targets = parse_targets(words.targets, inventory)
    keys = log_keys(targets, inventory) if words.targets else default_keys(inventory, nodes_of(targets))
    desk.post_message(SearchLogs(pattern, keys, since))


class _Grep(NamedTuple):
    """`RE TARGET… --since TIME`; the pattern is as it stands up to a blank, or in quotes."""

    pattern: str
    targets: list[str]
    since: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        quote = text[0] if text[0] in "\"'" else ""
        pattern, found, rest = text[len(quote) :].partition(quote or " ")
        if quote and not found:
            raise AenError(f"the pattern has no closing {quote}")
        before, flag, since = f" {rest}".partition(" --since")
        since = since.removeprefix("=").strip()
        moment, *more = since.split() or [""]
        if flag and not moment:
            raise AenError("--since wants a time", hint="6h, 14:05, 2016-10-19T14:05")
        return cls(pattern, [*before.split(), *more], moment if flag else None)


def _retry(desk: Desk, argument: str) -> None:
    state = desk.backend.snapshot()
    for name in nodes_of(parse_targets(argument.split(), desk.backend.inventory)):
        if state.nodes[name].connection.state is LinkState.UP:
            desk.backend.poke(name)
        else:
            desk.backend.retry_now(name)


def _arm(desk: Desk, argument: str) -> None:
    from aen_tui.runtime.arming import parse_arm

    minutes, reason = parse_arm(argument)
    desk.backend.guard.arm(minutes, reason)


def _maintenance(desk: Desk, argument: str) -> None:
    from aen_tui.ui.maintenance_words import maintenance_request

    desk.post_message(maintenance_request(argument, desk.backend.inventory))


def _disarm(desk: Desk, _argument: str) -> None:
    desk.backend.guard.disarm()


def _theme(desk: Desk, argument: str) -> None:
    if argument not in desk.theme_names():
        raise AenError(f"no theme `{argument}`", hint="known: " + ", ".join(desk.theme_names()))
    desk.choose_theme(argument)


def _act(action: ActionName) -> Callable[[Desk, str], None]:
    def run(desk: Desk, argument: str) -> None:
        from aen_tui.actions.order import EVERYTHING
        from aen_tui.actions.registry import actions
        from aen_tui.actions.resolve import resolve

        is_whole = actions()[action].is_whole_supervisor
        state = desk.backend.snapshot()
        words = ActionWords.parse(argument.split(), desk.backend.inventory.actions.rolling)
        written = parse_targets(words.targets, desk.backend.inventory) if words.targets else []
        everything = [one for one in written if one.service == EVERYTHING]
        if everything or words.rolling:
            _roll(desk, action, words, [one for one in written if one not in everything], nodes_of(everything))
            return
        found: list[Target] = []
        for one in written:
            if one.path is not None:
                raise PlanRefusedError(f"`{argument}` is a path, not a service", hint="NODE/SERVICE")
            if one.service is not None:
                found += resolve(state.nodes[one.node], one.service, whole_supervisor=is_whole)
        if is_whole and not found:
            raise PlanRefusedError(f"`{argument}` names no supervisord", hint="NODE/SUPERVISORD")
        desk.post_message(ActionRequested(action, found, nodes=nodes_of(written)))

    return run


def _roll(
    desk: Desk, action: ActionName, words: ActionWords, written: Sequence[Written], everything: Sequence[NodeName]
) -> None:
    """Ask for a rolling card: of some services, or of everything on some nodes and the stores named beside it."""
    from aen_tui.actions.resolve import SUPERVISOR, resolve

    state = desk.backend.snapshot()
    wrong = next((one for one in written if one.path is not None or (everything and one.service is None)), None)
    if wrong is not None:
        raise PlanRefusedError(f"`{wrong.node}` names no service", hint="NODE/SERVICE")
    found: list[Target] = []
    for one in written:
        node = state.nodes[one.node]
        if one.service is not None and node.connection.state is not LinkState.UP:
            found.append(Target(one.node, one.service, SUPERVISOR))  # left out by name, as it is not up
        elif one.service is not None:
            found += resolve(node, one.service)
    nodes = everything or nodes_of(written)
    desk.post_message(
        ActionRequested(action, found, nodes=nodes, rolling=True, everything=bool(everything), sizes=words.sizes)
    )
