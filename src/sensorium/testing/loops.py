"""Asynchronous code in tests: in a thread of its own, since tests of the page keep a loop running in theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

Result = TypeVar("Result")


def in_own_loop(call: Callable[[], Awaitable[Result]]) -> Result:
    """What `call` comes to in a new loop.

    >>> async def answer() -> int:
    ...     return 42
    >>> in_own_loop(answer)
    42
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, call).result()
