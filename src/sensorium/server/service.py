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
from sensorium.core.trace import Trace
from sensorium.library import Library
from sensorium.processes.cores import usable_cores
from sensorium.server.access.callers import LOCAL as LOCAL
from sensorium.server.access.callers import Caller as Caller
from sensorium.server.access.keys import KeyRing, key_id
from sensorium.server.access.roles import Role
from sensorium.server.access.signing import Signer
from sensorium.server.jobs import Jobs
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem, problem_of
from sensorium.server.telemetry.logs import Journal
from sensorium.server.telemetry.metrics import Metrics
from sensorium.server.telemetry.tracing import Tracing
from sensorium.server.telemetry.watching import IndexWatch
from sensorium.server.warming import Warmth

if TYPE_CHECKING:
    from sensorium.server.access.issuer import Identities
    from sensorium.server.arriving import Uploads

Answer = TypeVar("Answer")


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
    watch: IndexWatch
    tracing: Tracing
    identities: Identities | None = None
    draining: bool = False
    _views: dict[Scope, Library] = field(default_factory=dict)
    _answers: OrderedDict[tuple[Any, ...], Any] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    feedback: threading.Lock = field(default_factory=threading.Lock)
    _limiter: anyio.CapacityLimiter | None = None
    _computing: anyio.CapacityLimiter | None = None
    warmth: Warmth | None = None
    writer: ThreadPoolExecutor = field(default_factory=lambda: _one_thread())

    def begin(self) -> None:
        """Takes questions. Again after an end: an application may be started more than once."""
        if self.draining:
            self.draining, self.writer, self._limiter, self._computing = False, _one_thread(), None, None

    def end(self) -> None:
        """Lets the file that is being added come to its end; what waits is not begun."""
        self.draining = True
        self.watch.end()
        self.writer.shutdown(wait=True, cancel_futures=True)
        for view in (self.library, *self._views.values()):
            view.release()
        self._views.clear()
        self.tracing.close()

    @cached_property
    def jobs(self) -> Jobs:
        """What is being added, by the one thread that writes."""
        return Jobs(
            lambda work: self.writer.submit(work), lambda state, count: self.metrics.jobs.labels(state).set(count)
        )

    def view(self, caller: Caller) -> Library:
        """The library as this caller sees it."""
        return self.view_of(caller.scope)

    def view_of(self, scope: Scope) -> Library:
        """The library as whoever has this scope sees it."""
        with self._lock:
            if scope not in self._views:
                self._views[scope] = self.library if scope == self.library.scope else self.library.seen_by(scope)
            return self._views[scope]

    def await_warmth(self) -> None:
        """Waits, in a thread, until the library is warm: so that no part of it is made twice at once."""
        if self.warmth is not None:
            self.warmth.over.wait()

    def caller(self, authorization: str) -> Caller:
        """Who shows this header. Without any key and any issuer of tokens it is the person at this machine.

        Raises Problem 401 where a key or a token is needed and none that holds is shown.
        """
        if not authorization and self._is_open:
            return Caller(id=LOCAL, role=Role.ADMIN, scope=self.library.scope)
        if self.identities is not None and authorization.count(".") == 2 and not key_id(authorization):
            return self.identities.caller(authorization)
        key = self.keys.verified(authorization)
        if key is None:
            remedy = "send `Authorization: Bearer KEY`; a key is made by `sensorium keys add NAME`"
            raise Problem(401, "key-needed", "no key that is known here was shown", remedy)
        return Caller(id=key.id, role=key.role, scope=key.scope)

    def signed_caller(self, path: str, signature: str) -> Caller:
        """Who the signed address was made for, if that one may still ask. Raises Problem 403."""
        id = self.signer.caller(path, signature) or ""
        if id == LOCAL and self._is_open:
            return Caller(id=LOCAL, role=Role.ADMIN, scope=self.library.scope)
        if (key := self.keys.key(id)) is not None:
            return Caller(id=key.id, role=key.role, scope=key.scope)
        known = self.identities.known(id) if self.identities is not None else None
        if known is None:
            raise Problem(403, "address-over", "this address does not hold any more", "search again")
        return known

    @property
    def _is_open(self) -> bool:
        """Whether the person at this machine is the owner: nobody was given a key, and no issuer is believed."""
        return self.options.is_loopback and self.identities is None and not self.keys.keys()

    def searched(self, trace: Trace) -> None:
        """Counts the stages of a search that has just ended."""
        self.metrics.searched(trace)
        self.tracing.searched(trace)

    async def run(self, work: Callable[[], Answer], *, answers: bool = False, computes: bool = False) -> Answer:
        """Does the work in a thread, once the library is warm; answers: warm enough for an answer in sentences.

        computes: it waits for nobody, no other process and no other machine. Of such work as much is done at once as
        there are cores: more of it would only take turns, and all of it would be late.

        Raises Problem: of what the library says, and 503 where it takes too long.
        """
        if self._limiter is None or self._computing is None:
            self._limiter = anyio.CapacityLimiter(self.options.threads)
            self._computing = anyio.CapacityLimiter(min(self.options.threads, usable_cores()))
        limiter = self._computing if computes else self._limiter
        try:
            with anyio.fail_after(self.options.seconds):
                if self.warmth is not None:
                    await (self.warmth.answers() if answers else self.warmth.searches())
                return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)
        except SensoriumError as error:
            raise problem_of(error) from error
        except TimeoutError:
            headers = {"Retry-After": "5"}
            raise Problem(503, "took-too-long", "it took too long", "ask for less, or later", headers) from None

    def remembered(self, caller: Caller, question: dict[str, Any], make: Callable[[], Answer]) -> Answer:
        """What `make` gives, or gave for the same question of the same scope while the library and its rules did not
        change."""
        generation = self.library.generation
        self.metrics.generation.set(generation)
        name = (caller.scope, generation, self.library.rules_version, json.dumps(question, sort_keys=True))
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
