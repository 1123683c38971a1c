"""What a server is told when it starts: where it listens, and every limit with its default."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from sensorium.core.errors import BadSetting
from sensorium.server.access.oidc import OidcOptions

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """host, port: where it listens. names: further names that it is called by, as a proxy passes them on.

    body_bytes: longest body, but for files. file_bytes: longest file of a question. upload_bytes: largest file that
    is sent to be added. waiting_uploads: uploads that are not complete, of all callers. threads: requests that are
    worked on at once; of searches no more than there are cores. waiting: requests in work or waiting; more are told
    to come back. a_minute: requests of one caller a minute. seconds: longest wait for an answer. drain_seconds: how
    long requests in work may end after a stop. sign_seconds: how long an address of a preview holds, at least.
    remembered: answers kept until the library changes. oidc: the issuer of tokens that is believed, besides keys.
    traces: address that spans are sent to, "" for none.

    >>> ServeOptions().is_loopback, ServeOptions(host="0.0.0.0").is_loopback
    (True, False)
    """

    host: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    body_bytes: int = 2 * MIB
    file_bytes: int = 64 * MIB
    upload_bytes: int = 2_048 * MIB
    waiting_uploads: int = 64
    threads: int = 8
    waiting: int = 256
    a_minute: int = 6_000
    seconds: float = 30.0
    drain_seconds: int = 10
    sign_seconds: int = 3_600
    remembered: int = 256
    oidc: OidcOptions | None = None
    traces: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise BadSetting(f"{self.port} is no port", subject="port", remedy="give a number from 0 to 65535")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def hosts(self) -> frozenset[str]:
        """The names that a request may call the server by, without ports, in small letters."""
        own = {self.host.strip("[]").lower(), *(name.lower() for name in self.names)}
        return frozenset(own | ({"localhost", "127.0.0.1", "::1"} if self.is_loopback else set()))
