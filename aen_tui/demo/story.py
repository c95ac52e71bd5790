"""What the demo's day leaves in the logs: the same event in every log that it would touch, and what goes wrong."""

from __future__ import annotations

import random
from collections.abc import Mapping

from aen_tui.demo.orders import Orders
from aen_tui.demo.people import PROJECTS
from aen_tui.demo.plan import DemoNode, DemoPlan
from aen_tui.demo.proc_tree import Notebook
from aen_tui.model.node import Role

_BROWSERS = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:45.0) Gecko/20100101 Firefox/45.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/53.0 Safari/537.36",
)

_TRACEBACK = """Exception on /api/projects/{owner}/{project}/team [POST]
Traceback (most recent call last):
  File "/opt/wakari/wakari-server/lib/python2.7/site-packages/flask/app.py", line 1817, in wsgi_app
    response = self.full_dispatch_request()
  File "/opt/wakari/wakari-server/lib/python2.7/site-packages/wk_server/views/projects.py", line 212, in add_member
    member = users.find_one({{"username": name}})["_id"]
TypeError: 'NoneType' object has no attribute '__getitem__'"""

_MISHAPS: Mapping[Role, tuple[tuple[str, str, str], ...]] = {
    Role.SERVER: (
        ("server", "warning", "slow query on projects: 1843 ms, 412 documents"),
        ("server", "warning", "login failed for user {owner}: wrong password (attempt 2)"),
        ("server", "error", _TRACEBACK),
        ("worker", "warning", "task index_project[{owner}/{project}] retried: elasticsearch answered 429"),
        ("worker", "error", "task send_mail failed: [Errno 111] Connection refused (smtp 127.0.0.1:25)"),
    ),
    Role.GATEWAY: (
        ("application", "warn", "session {owner}: token about to expire, asking the server"),
        ("application", "warn", "websocket /{owner}/{project}/kernel closed by peer (1006)"),
        ("application", "error", "proxy {owner}/{project}: read ECONNRESET, 502 sent"),
    ),
    Role.COMPUTE: (
        ("application", "warn", "{owner}/{project}: kernel did not answer for 10 s"),
        ("application", "warn", "start-project {owner}/{project}: env default is incomplete, linking again"),
        (
            "application",
            "error",
            "{owner}/{project}: setfacl: /projects/{owner}/{project}/data: Operation not supported",
        ),
        ("launcher", "warn", "heartbeat to gateway took 2304 ms"),
    ),
}
"""Role -> (log, level, text)."""


class Story:
    """Writes events into logs.

    Args:
        plan: who logs.
        orders: the way to them.
        chance: shared with the day, so that one seed gives one story.
    """

    def __init__(self, plan: DemoPlan, orders: Orders, chance: random.Random) -> None:
        self._plan = plan
        self._orders = orders
        self._chance = chance

    def started(self, compute: DemoNode, notebook: Notebook) -> None:
        """A user has opened a notebook."""
        what, log = f"{notebook.owner}/{notebook.project}", self._orders.log
        task = f"start_project[{self._chance.getrandbits(32):08x}]"
        seconds = self._chance.uniform(0.4, 3.0)
        log(self._plan.server, "server", "info", f"POST /api/projects/{what}/start user={notebook.owner} 202")
        log(self._plan.server, "worker", "info", f"task {task} received: {what} on {compute.name}")
        log(compute, "application", "info", f"start-project {what}: permissions reset, env default ok")
        log(compute, "application", "info", f"spawned notebook {what} pid={notebook.pid} port={notebook.port}")
        log(compute, "launcher", "info", f"app started {what} notebook")
        gateway = self._plan.gateway_of(compute)
        log(gateway, "application", "info", f"route added /{what}/notebook -> {compute.name}:{notebook.port}")
        log(self._plan.server, "worker", "info", f"task {task} succeeded in {seconds:.3f}s")

    def stopped(self, compute: DemoNode, notebook: Notebook) -> None:
        """A user has closed it."""
        what, log = f"{notebook.owner}/{notebook.project}", self._orders.log
        log(self._plan.server, "server", "info", f"POST /api/projects/{what}/stop user={notebook.owner} 202")
        log(compute, "application", "info", f"stopped notebook {what} pid={notebook.pid} (exit 0)")
        log(self._plan.gateway_of(compute), "application", "info", f"route removed /{what}/notebook")

    def request(self, compute: DemoNode, notebook: Notebook) -> None:
        """The user's browser asks for something."""
        chance, what = self._chance, f"{notebook.owner}/{notebook.project}"
        path, size = chance.choice(
            (
                (f"/{what}/notebook/api/contents/{notebook.project}.ipynb", chance.randint(2000, 90000)),
                (f"/{what}/notebook/api/kernels", 312),
                (f"/{what}/notebook/static/base/js/main.min.js", 421877),
                (f"/api/projects/{what}", 1204),
            )
        )
        code = chance.choices((200, 304, 404), (90, 9, 1))[0]
        peer = f"10.20.{notebook.uid % 7}.{notebook.uid % 200 + 9}"
        agent = _BROWSERS[notebook.uid % len(_BROWSERS)]
        line = f'{peer} - - [{{clf}}] "GET {path} HTTP/1.1" {code} {size if code == 200 else 0} "-" "{agent}"'
        self._orders.raw(self._plan.server, "woc", line)
        if chance.random() < 0.3:
            took = chance.randint(3, 90)
            gateway = self._plan.gateway_of(compute)
            self._orders.log(gateway, "application", "info", f"GET {path} -> {compute.name} {code} {took} ms")

    def mishap(self, node: DemoNode) -> None:
        """Something small goes wrong on a node; on the server it may be nginx that says so."""
        owner, project = self._chance.choice(PROJECTS)
        if node.role is Role.SERVER and self._chance.random() < 0.4:
            self._nginx_error(f"/{owner}/{project}/notebook/api/kernels")
            return
        log, level, text = self._chance.choice(_MISHAPS[node.role])
        self._orders.log(node, log, level, text.format(owner=owner, project=project))

    def _nginx_error(self, path: str) -> None:
        number = self._chance.randint(100, 9999)
        self._orders.raw(
            self._plan.server,
            "woc-error",
            f"{{ngx}} [error] 1234#0: *{number} upstream timed out (110: Connection timed out) while reading response "
            f'header from upstream, client: 10.20.1.17, server: aen-server, request: "GET {path} HTTP/1.1", '
            f'upstream: "http://127.0.0.1:5000{path}", host: "aen-server"',
        )

    def turn_bad(self, gateway: DemoNode) -> None:
        """A gateway loses a compute and says so until its program is restarted."""
        name = computes[-1].name if (computes := self._plan.computes_of(gateway)) else "the server"
        self._orders.log(gateway, "gateway", "error", f"event loop blocked for 31204 ms, {name} dropped")
        self._orders.status(gateway, f"Resource {name}: no heartbeat for 30 s, connect ETIMEDOUT")
