"""What a node's probe sends, put where it belongs: facts to the store, samples to the series, bytes to the books."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count

from aen_tui.checks import rate
from aen_tui.errors import ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import (
    CROWD,
    HttpState,
    LinkState,
    LogPath,
    LogState,
    Metrics,
    NodeState,
    PortState,
    ServiceState,
)
from aen_tui.model.logs import Cursor, LogKey
from aen_tui.model.node import HttpTarget, NodeName, NodeSpec
from aen_tui.model.reading import Reading
from aen_tui.model.text import visible, visible_line
from aen_tui.runtime.errands import Errands
from aen_tui.runtime.gaps import LinkGaps, span
from aen_tui.runtime.history import OlderReads
from aen_tui.runtime.node_times import node_time
from aen_tui.runtime.sections import Sections, is_denied
from aen_tui.runtime.together import Arrival
from aen_tui.runtime.trends import LATENCY, NodeTrends
from aen_tui.sources import host_metrics, http_answers, log_files, supervisor_programs, sysv_services
from aen_tui.sources.frames import (
    ErrorFrame,
    Hello,
    LogEntry,
    LogHeader,
    Sample,
    decode,
)
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store

SKEW_SAMPLES = 30
WATCHING = "watching"


class Received:
    """The decoding side of one node's probe; remembers what frames leave out because it is as before."""

    def __init__(
        self,
        spec: NodeSpec,
        *,
        asked: Sequence[HttpTarget],
        store: Store,
        series: SeriesStore,
        books: LogBooks,
        clock: Clock,
    ) -> None:
        self.spec = spec
        self.asked = asked
        """What this node's probe asks, for itself and for others; the id is the place."""
        self.paths: dict[int, LogPath] = {}
        """Followed files by number."""
        self.cursors: dict[LogPath, Cursor] = {}
        """Where each file was read to; survives the connection."""
        self.last_frame_at = 0.0
        """Monotonic seconds."""
        self.hello: Hello | None = None
        self.log_kinds: Mapping[LogPath, str] = log_files.default_logs(spec)
        self._log_folders = host_metrics.log_folders(spec)
        self._store = store
        self._series = series
        self._trends = NodeTrends(spec, series)
        self._books = books
        self._clock = clock
        self.is_raising = False
        """Whether a probe under sudo is on its way: until then the first look is not complete."""
        self.awaited_logs: Collection[LogPath] | None = ()
        """Followed logs of which the first look is to say something too; None while it is not known which."""
        self.sudo_refusal: str | None = None
        """What sudo said when a probe was to run under it; of this run, not of one connection."""
        self.sections = Sections()
        """What the node's probes said last."""
        self._offsets: list[float] = []
        numbers = count(1)
        self.older = OlderReads(spec.name, numbers)
        """Reads of older bytes that wait for their answer."""
        self.errands = Errands(spec.name, numbers)
        """Errands under way."""
        self._gaps = LinkGaps()
        self._sampled_wall = clock.wall()
        self._log_states: tuple[LogState, ...] = ()
        """Made of the next two."""
        self._log_entries: Sequence[LogEntry] = ()
        self._log_words: tuple[int, str | None] = (0, None)

    def reset(self) -> None:
        """Forget what belongs to one connection; facts and cursors stay."""
        if self.cursors:
            self._gaps.open(self.cursors, self._clock.wall() - (self._clock.monotonic() - self.last_frame_at))
        self.hello = None
        self.lost()
        self._offsets.clear()

    def lost(self) -> None:
        """The connection is gone: who waits for an answer is told."""
        self.older.lost()
        self.errands.lost()

    def not_raised(self) -> None:
        """There will be no probe under sudo."""
        if self.is_raising:
            self.is_raising = False
            self._look_again()

    def await_logs(self, paths: Collection[LogPath]) -> None:
        """Which logs the first look is to tell of, besides those that it began with."""
        self.awaited_logs = paths
        if self._store.node(self.spec.name).connection.state is LinkState.UP:
            self._look_again()

    def _look_again(self) -> None:
        self._store.update(
            self.spec.name,
            lambda node: rate(
                replace(
                    node,
                    services=self._services(),
                    logs=self._logs(),
                    complete=node.complete or self._is_whole(),
                )
            ),
        )

    def _is_whole(self) -> bool:
        """Whether all that the first look waits for has been said."""
        said = {self.paths.get(entry.id) for entry in self.sections.logs()}
        return not self.is_raising and self.awaited_logs is not None and said.issuperset(self.awaited_logs)

    def frame(self, kind: str, payload: bytes | memoryview, *, raised: bool = False, at: Arrival | None = None) -> None:
        """Take a frame; `raised` = of the probe under sudo, `at` = when it came, where that is not now.

        Raises:
            ProbeError: it is nonsense, or the probe's own last words.
        """
        at = at or Arrival.now(self._clock)
        if not raised:
            self.last_frame_at = at.monotonic
        match kind:
            case "L":
                self._log(payload)
            case "S":
                self._sample(payload, at, raised=raised)
            case "R":
                self.older.answered(payload)
            case "A":
                self.errands.answered(payload)
            case "H":
                if not raised:
                    self._hello(payload)
            case "E":
                self._error(payload)
            case _:
                raise ProbeError(f"the probe sent a frame of unknown kind {kind!r}", node=self.spec.name)

    def _hello(self, payload: bytes | memoryview) -> None:
        hello = self.hello = decode(Hello, payload)
        self._skew(hello.time, self._clock.wall())
        python, user, zone = (visible_line(text, 64) for text in (hello.python, hello.user, hello.zone))
        boot = visible_line(hello.boot_id, 64) if hello.boot_id else None
        self._store.update(
            self.spec.name,
            lambda node: replace(
                node, connection=replace(node.connection, python=python, user=user, zone=zone, boot_id=boot)
            ),
        )

    def _error(self, payload: bytes | memoryview) -> None:
        error = decode(ErrorFrame, payload)
        raise ProbeError(
            visible_line(error.message, 300), node=self.spec.name, remote_traceback=visible(error.traceback[:8000])
        )

    def _log(self, payload: bytes | memoryview) -> None:
        data = bytes(payload)
        end = data.find(b"\n")
        header = decode(LogHeader, data[:end] if end >= 0 else data)
        path = self.paths.get(header.id)
        if path is None:
            return
        cursor = log_files.decode_cursor(header.cursor)
        if cursor is not None:
            self.cursors[path] = cursor
        key, body = LogKey(self.spec.name, path), data[end + 1 :] if end >= 0 else b""
        now, wall = self._clock.monotonic(), self._clock.wall()
        seam = log_files.decode_seam(header.seam)
        if seam is not None:
            since = self._gaps.since(path)
            when = span(self._sampled_wall if since is None else since, wall)
            seam = replace(seam, message=f"{seam.message} ({when})")
        self._books.book(key).begins(header.mtime)
        self._books.append(key, body, at=header.at, cursor=cursor, seam=seam, monotonic=now, wall=wall, eof=header.eof)
        if self._gaps.is_open:
            self._close_gap(key, body, header, now, wall)

    def _close_gap(self, key: LogKey, body: bytes, header: LogHeader, now: float, wall: float) -> None:
        """Once a lost link's lines are all there, a seam under them says so."""
        self._gaps.take(key.path, body, eof=header.eof, wall=wall)
        seam = self._gaps.closed(key.path, has_partial=self._books.book(key).has_partial)
        if seam is not None:
            at = header.at + len(body)
            self._books.append(key, b"", at=at, cursor=None, seam=seam, monotonic=now, wall=wall)

    def _skew(self, node_time: float, wall: float) -> float:
        """The node's clock minus ours: what arrives is late by the way, so the largest difference is nearest."""
        self._offsets.append(node_time - wall)
        del self._offsets[:-SKEW_SAMPLES]
        return round(max(self._offsets), 3)

    def _sample(self, payload: bytes | memoryview, at: Arrival, *, raised: bool) -> None:
        sample, now = decode(Sample, payload), at.monotonic
        self.sections.take(sample, now, raised=raised)
        if raised:
            self.is_raising = False
            self._look_again()
            return
        self._sampled_wall = at.wall
        skew = self._skew(sample.time, at.wall)
        self._store.update(self.spec.name, lambda node: rate(self._merged(node, sample, now, skew)))
        self._answers(sample, now)
        metrics = self._store.node(self.spec.name).metrics.value
        if sample.metrics is not None and metrics is not None:
            self._record(metrics, now)

    def _services(self) -> tuple[ServiceState, ...]:
        """The node's services as both probes say them."""
        time = node_time(self._store.node(self.spec.name))
        services = [
            one
            for entry, looked, sudo in self.sections.supervisors()
            for one in supervisor_programs.decode(entry, looked.node_time, looked.seen_at, time=time, under_sudo=sudo)
        ]
        sysv = self.sections.services()
        if sysv is not None:
            services += sysv_services.decode(sysv[0], sysv[1].node_time, sysv[1].seen_at)
        if self.sudo_refusal is not None:
            services = [replace(service, error=self._refused(service.error)) for service in services]
        return tuple(services)

    def _logs(self) -> tuple[LogState, ...]:
        """The node's logs as both probes say them; the same object while they say nothing else of them."""
        entries, more = self.sections.logs(), (len(self.paths), self.sudo_refusal)
        if entries is not self._log_entries or more != self._log_words:
            logs = log_files.decode(entries, self.paths, self.log_kinds)
            if self.sudo_refusal is not None:
                logs = tuple(replace(log, error=self._refused(log.error)) for log in logs)
            self._log_entries, self._log_words, self._log_states = entries, more, logs
        return self._log_states

    def _refused(self, error: str | None) -> str | None:
        """Why something may not be seen, with what sudo said where it was to help."""
        return f"{error}; {self.sudo_refusal}" if is_denied(error) else error

    def _merged(self, node: NodeState, sample: Sample, now: float, skew: float) -> NodeState:
        link = node.connection
        cpu = None
        if sample.cost is not None and sample.cost.cpu_ms is not None:
            cpu = round(sample.cost.cpu_ms / 10.0 / node.interval_seconds, 2)
        others = link.others if sample.others is None else sample.others
        link = replace(
            link,
            state=LinkState.UP,
            since=link.since if link.state is LinkState.UP else self._clock.wall(),
            error=None,
            hint=None,
            next_try_at=None,
            phase=None,
            skew_seconds=skew,
            probe_cpu_percent=cpu if cpu is not None else link.probe_cpu_percent,
            others=others,
            notes=link.notes if others == link.others else _with_others(link.notes, others),
            probe_memory_bytes=sample.cost.rss if sample.cost and sample.cost.rss else link.probe_memory_bytes,
        )
        metrics, trends = node.metrics, node.trends
        if sample.metrics is not None or sample.disks is not None or "metrics" in sample.same:
            known = host_metrics.decode(sample.metrics, sample.disks, metrics.value, self._log_folders)
            metrics, trends = Reading(known, now), self._trends.look(known, now, node.interval_seconds)
        complete = node.complete or self._is_whole()
        ports = (
            _ports(node, self.sections.ports, now) if sample.ports is not None or "ports" in sample.same else node.ports
        )
        return replace(
            node,
            connection=link,
            services=self._services(),
            logs=self._logs(),
            metrics=metrics,
            trends=trends,
            complete=complete,
            ports=ports,
        )

    def _answers(self, sample: Sample, now: float) -> None:
        if sample.http is None:
            if "http" in sample.same:
                self._seen_again(now)
            return
        by_node: dict[NodeName, list[HttpState]] = {}
        for entry in sample.http:
            if 0 <= entry.id < len(self.asked):
                target = self.asked[entry.id]
                by_node.setdefault(target.node, []).append(http_answers.decode(entry, target, now))
        for name, answers in by_node.items():
            self._store.update(name, lambda node, answers=answers: rate(with_answers(node, answers)))  # type: ignore[misc]
            slowest = max((one.latency_ms for one in answers if one.latency_ms is not None), default=None)
            if slowest is not None:
                self._series.of(name, LATENCY).add(now, slowest)

    def _seen_again(self, now: float) -> None:
        for name in {target.node for target in self.asked}:
            self._store.update(name, lambda node: _refreshed(node, self.spec.name, now))

    def _record(self, metrics: Metrics, now: float) -> None:
        memory, swapped = metrics.memory, metrics.swap_in_bytes_per_second
        values = {
            "cpu_percent": metrics.cpu_percent,
            "iowait_percent": metrics.iowait_percent,
            "steal_percent": metrics.steal_percent,
            "core_percent": max(metrics.core_percents, default=None),
            "memory_percent": memory.used_percent if memory else None,
            "swap_bytes_per_second": None if swapped is None else swapped + (metrics.swap_out_bytes_per_second or 0.0),
            "disk_percent": max((disk.used_percent for disk in metrics.disks), default=None),
            "rx_bytes_per_second": metrics.rx_bytes_per_second,
            "tx_bytes_per_second": metrics.tx_bytes_per_second,
            "load": metrics.load[0] if metrics.load else None,
        }
        self._series.record(self.spec.name, now, values)


def _ports(node: NodeState, said: Mapping[str, bool], now: float) -> dict[int, PortState]:
    """The node's ports as they were looked at now."""
    found: dict[int, PortState] = {}
    for word, listens in said.items():
        if word.isdecimal():
            before = node.ports.get(int(word))
            found[int(word)] = PortState(listens, now, listens or (before is not None and before.has_listened))
    return found


def _with_others(notes: tuple[str, ...], others: int) -> tuple[str, ...]:
    """The connection's notes with how many others watch the node too."""
    kept = tuple(note for note in notes if WATCHING not in note)
    if not others:
        return kept
    slower = ", so it is looked at half as often" if others >= CROWD else ""
    return (*kept, f"{others} other{'s' if others > 1 else ''} {WATCHING}{slower}")


def _refreshed(node: NodeState, asker: NodeName, now: float) -> NodeState:
    http = tuple(
        replace(answer, seen_at=now) if answer.asked_on == asker and answer.seen_at is not None else answer
        for answer in node.http
    )
    return replace(node, http=http)


def with_answers(node: NodeState, answers: Sequence[HttpState]) -> NodeState:
    """The node with new answers in the inventory's order; of two ways to one name the one that answers is shown."""
    before = {answer.name: answer for answer in node.http}
    answers = [_after(before.get(answer.name), answer) for answer in answers]
    found = {(answer.name, answer.asked_on, _base(answer.url)): answer for answer in node.http}
    found.update({(answer.name, answer.asked_on, _base(answer.url)): answer for answer in answers})
    by_name: dict[str, HttpState] = {}
    for answer in found.values():
        shown = by_name.get(answer.name)
        if shown is None or (shown.error is not None and answer.error is None):
            by_name[answer.name] = answer
    order = list(dict.fromkeys(target.name for target in node.spec.http))
    return replace(node, http=tuple(sorted(by_name.values(), key=lambda answer: order.index(answer.name))))


def _after(before: HttpState | None, answer: HttpState) -> HttpState:
    """An answer that knows what was said under its name before: it proves something once nothing answers."""
    if before is None:
        return answer
    return replace(answer, answered_before=before.has_answered, document_before=before.last_document)


def _base(url: str) -> str:
    """The URL without the path that answered."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/')[0]}" if rest else url
