"""Who may ask for what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.core.errors import BadInput, BadSetting
from sensorium.server.access.keys import KeyRing, Role
from sensorium.server.app import create_app
from sensorium.server.options import ServeOptions

from ..conftest import QUICK, Desk

NEEDS = [
    ("POST", "/v1/search", Role.READER),
    ("GET", "/v1/items", Role.READER),
    ("GET", "/v1/info", Role.READER),
    ("GET", "/v1/doctor", Role.CURATOR),
    ("DELETE", "/v1/items/it_0", Role.CURATOR),
    ("GET", "/metrics", Role.ADMIN),
]


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path, hasher=QUICK)


def test_a_key_is_known_by_what_was_shown_once(ring: KeyRing, tmp_path: Path) -> None:
    shown = ring.add("ann", Role.READER)
    again = KeyRing(tmp_path, hasher=QUICK)
    found = again.verified(f"Bearer {shown}")
    assert found is not None
    assert (found.name, found.role) == ("ann", Role.READER)


def test_the_secret_of_a_key_is_not_kept(ring: KeyRing, tmp_path: Path) -> None:
    secret = ring.add("ann", Role.READER).partition(".")[2]
    kept = (tmp_path / "server" / "keys.json").read_text()
    assert secret not in kept
    assert json.loads(kept)["keys"][0]["hashed"].startswith("$argon2id$")


def test_the_file_of_keys_is_its_owners_alone(ring: KeyRing, tmp_path: Path) -> None:
    ring.add("ann", Role.READER)
    assert (tmp_path / "server" / "keys.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Bearer sk_.x", "Basic sk_a.b", "Bearer sk_unknown.x"])
def test_what_is_no_key_is_nobodys(ring: KeyRing, shown: str) -> None:
    ring.add("ann", Role.READER)
    assert ring.verified(shown) is None


def test_the_right_id_with_another_secret_is_nobodys_also_after_the_right_one(ring: KeyRing) -> None:
    shown = ring.add("ann", Role.READER)
    assert ring.verified(f"Bearer {shown}") is not None
    assert ring.verified(f"Bearer {shown}x") is None


def test_a_key_that_was_taken_back_is_nobodys(ring: KeyRing) -> None:
    shown = ring.add("ann", Role.READER)
    ring.remove("ann")
    assert ring.verified(f"Bearer {shown}") is None
    with pytest.raises(BadInput):
        ring.remove("ann")


def test_two_keys_have_two_names(ring: KeyRing) -> None:
    ring.add("ann", Role.READER)
    with pytest.raises(BadInput):
        ring.add("ann", Role.ADMIN)


def test_without_keys_the_person_at_this_machine_is_the_owner(desk: Desk) -> None:
    assert desk.client.get("/v1/info").json()["role"] == "admin"


def test_with_the_first_key_everybody_needs_one(desk: Desk) -> None:
    desk.key(Role.READER)
    answer = desk.client.get("/v1/info")
    assert (answer.status_code, answer.json()["code"]) == (401, "key-needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "least"), NEEDS)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_it_is_for_and_no_more(desk: Desk, method: str, path: str, least: Role, role: Role) -> None:
    answer = desk.client.request(method, path, headers=desk.key(role))
    refused = answer.status_code == 403 and answer.json()["code"] == "not-allowed"
    assert refused != role.may(least)


def test_another_tenant_sees_nothing_of_this_one(desk: Desk) -> None:
    own, other = desk.key(Role.CURATOR), desk.key(Role.CURATOR, tenant="other")
    item = desk.client.get("/v1/items", headers=own).json()["items"][0]
    assert desk.client.get("/v1/items", headers=other).json()["items"] == []
    assert desk.client.post("/v1/search", json={"text": "red"}, headers=other).json()["hits"] == []
    assert desk.client.get(item["links"]["item"], headers=other).status_code == 404
    assert desk.client.delete(item["links"]["item"], headers=other).status_code == 404


def test_what_is_remembered_for_one_scope_is_not_told_to_another(desk: Desk) -> None:
    own, other = desk.key(Role.READER), desk.key(Role.READER, tenant="other")
    assert desk.client.post("/v1/search", json={"text": "red"}, headers=own).json()["hits"]
    assert not desk.client.post("/v1/search", json={"text": "red"}, headers=other).json()["hits"]


def test_an_address_holds_no_longer_than_the_key_it_was_made_for(desk: Desk) -> None:
    own = desk.key(Role.READER)
    desk.key(Role.READER)
    items = desk.client.get("/v1/items", headers=own).json()["items"]
    preview = next(item["links"]["preview"] for item in items if "preview" in item["links"])
    assert desk.client.get(preview).status_code == 200
    desk.keys.remove("reader 0")
    assert desk.client.get(preview).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "media.example"])
def test_others_than_this_machine_are_not_served_without_keys(desk: Desk, host: str) -> None:
    with pytest.raises(BadSetting):
        create_app(desk.library, ServeOptions(host=host), keys=desk.keys)
    desk.key(Role.READER)
    assert create_app(desk.library, ServeOptions(host=host), keys=desk.keys)
