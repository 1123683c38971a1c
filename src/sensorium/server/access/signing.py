"""Addresses that carry their own right: of previews and media, which a page shows without a header of its own.

An address names who it was made for, until when it holds, and a code over both and its path (HMAC-SHA256, RFC 2104).
The code is made with a secret that lives as long as the server. Whoever it was made for is looked up when it is used,
so that a key that was taken back takes its addresses along.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

ROUND_SECONDS = 900
"""Ends are rounded up to this, so that an address stays the same for a while and the browser's memory serves."""


class Signer:
    """seconds: how long an address holds at least. clock: Unix seconds.

    >>> signer = Signer(60, clock=lambda: 0.0, secret=b"x")
    >>> address = signer.signed("/v1/pieces/a.0/preview", "local")
    >>> signer.caller("/v1/pieces/a.0/preview", address.partition("sig=")[2])
    'local'
    >>> signer.caller("/v1/pieces/b.0/preview", address.partition("sig=")[2]) is None
    True
    """

    def __init__(self, seconds: int, *, clock: Callable[[], float] = time.time, secret: bytes | None = None) -> None:
        self._seconds = seconds
        self._clock = clock
        self._secret = secret if secret is not None else secrets.token_bytes(32)

    def signed(self, path: str, caller: str) -> str:
        """The address of `path` for a caller. caller: the id of a key, letters and digits."""
        until = (int(self._clock() + self._seconds) // ROUND_SECONDS + 1) * ROUND_SECONDS
        return f"{path}?sig={until}.{caller}.{self._code(path, until, caller)}"

    def caller(self, path: str, signature: str) -> str | None:
        """Who the address was made for; None where it was not made here for this path, or does not hold any more."""
        until, _, rest = signature.partition(".")
        caller, _, code = rest.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 16 and code.isascii()):
            return None
        if not hmac.compare_digest(code, self._code(path, int(until), caller)) or int(until) < self._clock():
            return None
        return caller

    def _code(self, path: str, until: int, caller: str) -> str:
        message = "\n".join((path, str(until), caller)).encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:40]
