"""Which issuer of tokens a server believes, and who its claims make somebody: a TOML file, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sensorium.core.errors import BadSetting
from sensorium.server.access.roles import Role

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""Signatures that are taken (RFC 7518, RFC 8037): by private keys alone."""

MOST_SKEW = 300
TABLES = ("roles", "tenants", "principals")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcOptions:
    """issuer, audience: what `iss` and `aud` of a token have to be. jwks: where the issuer's keys lie, the one address
    that is asked. algorithms: of `ALGORITHMS`. skew_seconds: by how much clocks may differ.

    role_claim, roles: the claim whose names give roles, and which. role: what every token gives; none by default.
    tenant_claim, tenants: the claim that names a tenant, and which each is; without one everybody is in the library's
    own. group_claim, principals: the claim of names that somebody goes by besides, each as `group:NAME`, and what they
    are called here where that is something else, such as `owner`. Whoever has a token goes by `user:SUB`.

    >>> keys = "https://id.example/keys"
    >>> OidcOptions(issuer="https://id.example", audience="a", jwks=keys, role=Role.READER).algorithms
    ('RS256', 'ES256', 'EdDSA')
    """

    issuer: str
    audience: str
    jwks: str
    algorithms: tuple[str, ...] = ALGORITHMS
    skew_seconds: int = 60
    role: Role | None = None
    role_claim: str = "roles"
    roles: Mapping[str, Role] = field(default_factory=dict)
    tenant_claim: str = ""
    tenants: Mapping[str, str] = field(default_factory=dict)
    group_claim: str = "groups"
    principals: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("issuer", "audience", "jwks"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise _unfit(name, "name it")
        parts = urlsplit(self.jwks)
        is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if (
            not (parts.scheme == "https" or (parts.scheme == "http" and is_here))
            or not parts.hostname
            or parts.username
        ):
            raise _unfit("jwks", "give an https address")
        if not self.algorithms or not set(self.algorithms) <= set(ALGORITHMS):
            raise _unfit("algorithms", f"give some of {', '.join(ALGORITHMS)}")
        if type(self.skew_seconds) is not int or not 0 <= self.skew_seconds <= MOST_SKEW:
            raise _unfit("skew_seconds", f"give 0 to {MOST_SKEW}")
        if self.tenant_claim and not self.tenants:
            raise _unfit("tenants", "say which names of the claim are which tenants")
        if self.role is None and not self.roles:
            raise _unfit("roles", "say which names of the claim give which role, or `role` for all")


def read_oidc(file: Path) -> OidcOptions:
    """The options in a TOML file. Raises BadSetting."""
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(f"it can not be read ({error.strerror})", subject=str(file), remedy="check its name") from None
    except ValueError as error:
        raise BadSetting(f"it is no TOML ({error})", subject=str(file), remedy="see docs/server.md") from None
    return oidc_of(given)


def oidc_of(given: Mapping[str, Any]) -> OidcOptions:
    """The options as tables and texts say them. Raises BadSetting for what is unknown, missing or of another kind."""
    for name in given:
        if name not in {one.name for one in fields(OidcOptions)}:
            raise _unfit(name, "there is no such option: see docs/server.md")
    for name in ("issuer", "audience", "jwks"):
        if name not in given:
            raise _unfit(name, "name it")
    said = dict(given)
    for name in TABLES:
        table = said.get(name, {})
        if not isinstance(table, Mapping) or not all(isinstance(one, str) for one in table.values()):
            raise _unfit(name, "write a table of texts")
    for name in ("role_claim", "tenant_claim", "group_claim"):
        if not isinstance(said.get(name, ""), str):
            raise _unfit(name, "write a text")
    if "algorithms" in said:
        if not isinstance(said["algorithms"], list) or not all(isinstance(one, str) for one in said["algorithms"]):
            raise _unfit("algorithms", "write a list of texts")
        said["algorithms"] = tuple(said["algorithms"])
    if "roles" in said:
        said["roles"] = {name: _role(role) for name, role in said["roles"].items()}
    if "role" in said:
        said["role"] = _role(said["role"])
    return OidcOptions(**said)


def _role(name: Any) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise _unfit("roles", f"give one of {', '.join(Role)}") from None


def _unfit(name: str, remedy: str) -> BadSetting:
    return BadSetting("it does not say what is needed of an issuer", subject=name, remedy=remedy)
