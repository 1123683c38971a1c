"""What the options of an issuer have to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sensorium.core.errors import BadSetting
from sensorium.server.access.oidc import oidc_of, read_oidc
from sensorium.server.access.roles import Role

LEAST: dict[str, Any] = {
    "issuer": "https://id.example/",
    "audience": "sensorium",
    "jwks": "https://id.example/keys",
    "role": "reader",
}


def test_a_file_says_whom_to_believe_and_who_is_who(tmp_path: Path) -> None:
    (tmp_path / "oidc.toml").write_text(
        'issuer = "https://id.example/"\naudience = "sensorium"\njwks = "https://id.example/keys"\n'
        'algorithms = ["ES256"]\ntenant_claim = "org"\n'
        '[roles]\nstaff = "curator"\n[tenants]\nAcme = "acme"\n[principals]\nlibrarians = "owner"\n'
    )
    options = read_oidc(tmp_path / "oidc.toml")
    assert (options.algorithms, options.roles, options.tenants) == (
        ("ES256",),
        {"staff": Role.CURATOR},
        {"Acme": "acme"},
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"jwks": "http://id.example/keys"}, "jwks"),
        ({"jwks": "file:///etc/passwd"}, "jwks"),
        ({"jwks": "https://ann@id.example/keys"}, "jwks"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": "RS256"}, "algorithms"),
        ({"skew_seconds": 3_600}, "skew_seconds"),
        ({"skew_seconds": True}, "skew_seconds"),
        ({"role": "king"}, "roles"),
        ({"roles": {"a": "king"}}, "roles"),
        ({"roles": "reader"}, "roles"),
        ({"role": None}, "roles"),
        ({"tenant_claim": "org"}, "tenants"),
        ({"issuer": ""}, "issuer"),
        ({"audience": 3}, "audience"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes: dict[str, Any], named: str) -> None:
    given = {name: value for name, value in {**LEAST, **changes}.items() if value is not None}
    with pytest.raises(BadSetting) as raised:
        oidc_of(given)
    assert raised.value.subject == named


@pytest.mark.parametrize("missing", ["issuer", "audience", "jwks"])
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(BadSetting) as raised:
        oidc_of({name: value for name, value in LEAST.items() if name != missing})
    assert raised.value.subject == missing


def test_an_issuer_on_this_machine_needs_no_tls() -> None:
    assert oidc_of({**LEAST, "jwks": "http://127.0.0.1:9000/keys"}).jwks.startswith("http:")


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("= 3")
    for name in ("none.toml", "bad.toml"):
        with pytest.raises(BadSetting):
            read_oidc(tmp_path / name)
