"""Bearer tokens of an OpenID Connect issuer (RFC 7519, RFC 7517, OpenID Connect Core 1.0): checked, and made callers.

Keys come from one configured address and no other: no redirect is followed, and nothing that a token says names one.
Only signatures by a private key are taken (`ALGORITHMS`): neither `none`, nor a code made with a public key as secret.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from sensorium.core.scopes import LOCAL_TENANT, Scope
from sensorium.server.access.callers import Caller
from sensorium.server.access.keys import Role
from sensorium.server.access.oidc import ALGORITHMS, OidcOptions
from sensorium.server.problems import Problem

MOST_KEYS_BYTES = 256 * 1024
FETCH_SECONDS = 5.0
KEYS_SECONDS = 3_600.0
"""How long keys are used before they are asked for again."""

STALE_SECONDS = 86_400.0
"""How long they are used on where the issuer does not answer."""

PAUSE_SECONDS = 30.0
"""Between two questions to the issuer, however many tokens name keys that are unknown."""

MOST_TOKEN = 16_384
MOST_NAMES = 200
MOST_NAME = 255
REMEMBERED = 4_096
"""Callers whose signed addresses hold."""

PREFIX = "oidc"

Fetch = Callable[[str], bytes]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def fetched(url: str) -> bytes:
    """What lies at the configured address. Raises OSError, also for a redirect; ValueError where it is too long."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=FETCH_SECONDS) as answer:
        data: bytes = answer.read(MOST_KEYS_BYTES + 1)
    if len(data) > MOST_KEYS_BYTES:
        raise ValueError("too long")
    return data


class SigningKeys:
    """The public keys of an issuer by their ids, fetched when they are needed. Safe across threads.

    fetch: gives the JSON Web Key Set. clock: seconds.
    """

    def __init__(self, url: str, fetch: Fetch = fetched, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._read_at: float | None = None

    def key(self, id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id, which is one for this algorithm; None where the issuer has none.

        An id that is unknown is looked for once more at the issuer, whose keys may be new.

        Raises Problem 503 where the issuer's keys can not be had.
        """
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at > KEYS_SECONDS:
                self._refresh()
            if id not in self._keys:
                self._refresh()
            if self._read_at is None or self._clock() - self._read_at > STALE_SECONDS:
                headers = {"Retry-After": str(int(PAUSE_SECONDS))}
                raise Problem(503, "issuer-silent", "the issuer of tokens does not answer", "try again", headers)
            found = self._keys.get(id)
        return found if found is not None and found.algorithm_name == algorithm else None

    def _refresh(self) -> None:
        now = self._clock()
        if self._asked_at is not None and now - self._asked_at < PAUSE_SECONDS:
            return
        self._asked_at = now
        try:
            entries = json.loads(self._fetch(self._url))["keys"]
            self._keys = dict(_usable(entries))
        except (OSError, ValueError, TypeError, KeyError):
            return  # what is known is used on, for a while
        self._read_at = now


def _usable(entries: list[dict[str, Any]]) -> list[tuple[str | None, jwt.PyJWK]]:
    """Keys that verify signatures of a kind that is taken; what else an issuer publishes is left out."""
    keys: list[tuple[str | None, jwt.PyJWK]] = []
    for entry in entries[:100]:
        if entry.get("use", "sig") != "sig" or "d" in entry or entry.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        try:
            key = jwt.PyJWK.from_dict(entry)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS and not _is_short(key):
            keys.append((entry.get("kid"), key))
    return keys


def _is_short(key: jwt.PyJWK) -> bool:
    """Whether it is an RSA key of less than 2,048 bits (RFC 7518, 3.3)."""
    return getattr(key.key, "key_size", 4_096) < 2_048 and key.key_type == "RSA"


class Identities:
    """Who shows a token. keys: of the issuer. clock: Unix seconds."""

    def __init__(self, options: OidcOptions, keys: SigningKeys, *, clock: Callable[[], float] = time.time) -> None:
        self._options = options
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def caller(self, authorization: str) -> Caller:
        """Who the token in this header was given to. Raises Problem 401 for a token that does not hold, 403 where it
        holds and gives no role or tenant here."""
        claims = self._claims(authorization.partition(" ")[2].strip())
        caller = self._named(claims)
        with self._lock:
            self._known[caller.id] = (caller, float(claims["exp"]) + self._options.skew_seconds)
            self._known.move_to_end(caller.id)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return caller

    def known(self, id: str) -> Caller | None:
        """The caller of this id, while a token that was shown holds."""
        with self._lock:
            caller, until = self._known.get(id, (None, 0.0))
        return caller if self._clock() < until else None

    def _claims(self, token: str) -> dict[str, Any]:
        options = self._options
        if len(token) > MOST_TOKEN:
            raise _no_token("it is too long")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, id = header.get("alg"), header.get("kid")
            if algorithm not in options.algorithms or "crit" in header:
                raise _no_token("it is not signed in a way that is taken here")
            key = self._keys.key(id if isinstance(id, str) else None, algorithm)
            if key is None:
                raise _no_token("nobody known here signed it")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=options.audience,
                issuer=options.issuer,
                leeway=options.skew_seconds,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise _no_token("it has expired") from None
        except jwt.PyJWTError:
            raise _no_token("it does not hold here") from None
        return claims

    def _named(self, claims: Mapping[str, Any]) -> Caller:
        options = self._options
        roles = [options.roles[name] for name in _names(claims, options.role_claim) if name in options.roles]
        if not roles and options.role is None:
            raise Problem(403, "not-allowed", "the token gives no role here", "ask whoever keeps the library")
        role = max([*roles, *([options.role] if options.role else [])], key=list(Role).index)
        groups = _names(claims, options.group_claim)
        principals = {f"user:{str(claims['sub'])[:MOST_NAME]}", *(f"group:{name}" for name in groups)}
        principals |= {options.principals[name] for name in groups if name in options.principals}
        scope = Scope(tenant=self._tenant(claims), principals=frozenset(principals))
        said = json.dumps([scope.tenant, sorted(principals), role, str(claims["sub"])])
        return Caller(id=PREFIX + hashlib.sha256(said.encode()).hexdigest()[:24], role=role, scope=scope)

    def _tenant(self, claims: Mapping[str, Any]) -> str:
        if not self._options.tenant_claim:
            return LOCAL_TENANT
        for name in _names(claims, self._options.tenant_claim):
            if name in self._options.tenants:
                return self._options.tenants[name]
        raise Problem(403, "not-allowed", "the token names no tenant of this library", "ask whoever keeps it")


def _names(claims: Mapping[str, Any], claim: str) -> list[str]:
    """The texts of a claim, which is one or a list; a dot leads into an object, as `realm_access.roles`.

    >>> _names({"a": {"b": ["x", 3, "y"]}}, "a.b"), _names({"a": "x"}, "a"), _names({}, "a")
    (['x', 'y'], ['x'], [])
    """
    value: Any = claims.get(claim)
    if value is None:
        value = claims
        for part in claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed[:MOST_NAMES] if isinstance(one, str) and 0 < len(one) <= MOST_NAME]


def _no_token(why: str) -> Problem:
    return Problem(401, "bad-token", f"the token is not taken: {why}", "get a new one from the issuer")
