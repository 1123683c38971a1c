"""What all routes share: the open library, who asks, threads to work in, what is remembered."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from sensorium.core.errors import SensoriumError
from sensorium.core.scopes import Scope
from sensorium.library import Library
from sensorium.server.jobs import Jobs
from sensorium.server.keys import KeyRing, Role
from sensorium.server.logs import Journal
from sensorium.server.metrics import Metrics
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem, problem_of
from sensorium.server.signing import Signer

if TYPE_CHECKING:
    from sensorium.server.uploads import Uploads

Answer = TypeVar("Answer")

LOCAL = "local"
"""The id of the person at this machine, where there are no keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. id: of the key, or `LOCAL`."""

    id: str
    role: Role
    scope: Scope


@dataclass(kw_only=True)
class Service:
    """One server's parts. folder: private to the server, inside the library's folder."""

    library: Library
    options: ServeOptions
    keys: KeyRing
    signer: Signer
    metrics: Metrics
    journal: Journal
    folder: Path
    uploads: Uploads
    draining: bool = False
    _views: dict[Scope, Library] = field(default_factory=dict)
    _answers: OrderedDict[tuple[Any, ...], Any] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    feedback: threading.Lock = field(default_factory=threading.Lock)
    _limiter: anyio.CapacityLimiter | None = None
    writer: ThreadPoolExecutor = field(default_factory=lambda: _one_thread())

    def begin(self) -> None:
        """Takes questions. Again after an end: an application may be started more than once."""
        if self.draining:
            self.draining, self.writer, self._limiter = False, _one_thread(), None

    def end(self) -> None:
        """Lets the file that is being added come to its end; what waits is not begun."""
        self.draining = True
        self.writer.shutdown(wait=True, cancel_futures=True)
        for view in (self.library, *self._views.values()):
            view.release()
        self._views.clear()

    @cached_property
    def jobs(self) -> Jobs:
        """What is being added, by the one thread that writes."""
        return Jobs(
            lambda work: self.writer.submit(work), lambda state, count: self.metrics.jobs.labels(state).set(count)
        )

    def view(self, caller: Caller) -> Library:
        """The library as this caller sees it."""
        with self._lock:
            if caller.scope not in self._views:
                self._views[caller.scope] = (
                    self.library if caller.scope == self.library.scope else self.library.seen_by(caller.scope)
                )
            return self._views[caller.scope]

    def caller(self, authorization: str) -> Caller:
        """Who shows this header. Without any key in the library it is the person at this machine.

        Raises Problem 401 where a key is needed and none of ours is shown.
        """
        if not authorization and not self.keys.keys():
            if not self.options.is_loopback:
                raise Problem(401, "key-needed", "this server answers to keys alone", "run `sensorium keys add NAME`")
            return Caller(id=LOCAL, role=Role.ADMIN, scope=self.library.scope)
        key = self.keys.verified(authorization)
        if key is None:
            remedy = "send `Authorization: Bearer KEY`; a key is made by `sensorium keys add NAME`"
            raise Problem(401, "key-needed", "no key that is known here was shown", remedy)
        return Caller(id=key.id, role=key.role, scope=key.scope)

    def signed_caller(self, path: str, signature: str) -> Caller:
        """Who the signed address was made for, if that one may still ask. Raises Problem 403."""
        id = self.signer.caller(path, signature)
        key = self.keys.key(id) if id is not None else None
        if id == LOCAL and self.options.is_loopback and not self.keys.keys():
            return Caller(id=LOCAL, role=Role.ADMIN, scope=self.library.scope)
        if key is None:
            raise Problem(403, "address-over", "this address does not hold any more", "search again")
        return Caller(id=key.id, role=key.role, scope=key.scope)

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Does the work in a thread. Raises Problem: of what the library says, and 503 where it takes too long."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self.options.threads)
        try:
            with anyio.fail_after(self.options.seconds):
                return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._limiter)
        except SensoriumError as error:
            raise problem_of(error) from error
        except TimeoutError:
            headers = {"Retry-After": "5"}
            raise Problem(503, "took-too-long", "it took too long", "ask for less, or later", headers) from None

    def remembered(self, caller: Caller, question: dict[str, Any], make: Callable[[], Answer]) -> Answer:
        """What `make` gives, or gave for the same question of the same scope while the library did not change."""
        generation = self.library.generation
        self.metrics.generation.set(generation)
        name = (caller.scope, generation, json.dumps(question, sort_keys=True))
        with self._lock:
            found = name in self._answers
            if found:
                self._answers.move_to_end(name)
        self.metrics.looked_up("answer", found)
        if found:
            answer: Answer = self._answers.get(name) or make()
            return answer
        made = make()
        with self._lock:
            self._answers[name] = made
            while len(self._answers) > self.options.remembered:
                self._answers.popitem(last=False)
        return made


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="sensorium-writer")


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def _caller_of_role(least: Role) -> Callable[[Request], Any]:
    async def caller(request: Request) -> Caller:
        service = service_of(request)
        authorization = request.headers.get("authorization", "")
        found = await anyio.to_thread.run_sync(service.caller, authorization)
        if not found.role.may(least):
            raise Problem(403, "not-allowed", f"this needs the role {least}", "ask whoever keeps the library")
        return found

    return caller


Served = Annotated[Service, Depends(service_of)]
Reader = Annotated[Caller, Depends(_caller_of_role(Role.READER))]
Contributor = Annotated[Caller, Depends(_caller_of_role(Role.CONTRIBUTOR))]
Curator = Annotated[Caller, Depends(_caller_of_role(Role.CURATOR))]
Admin = Annotated[Caller, Depends(_caller_of_role(Role.ADMIN))]
