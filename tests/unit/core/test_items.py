"""Records of items and places."""

import pytest

from sensorium.core.items import Place, Rights, item_id

HASH = "ab" * 32


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place(seconds=(1.5, 3.0)),
        Place(page=2, box=(0.0, 0.25, 0.5, 1.0)),
        Place(characters=(0, 10)),
    ],
)
def test_a_place_survives_json(place: Place) -> None:
    assert Place.from_json(place.as_json()) == place


@pytest.mark.parametrize(
    "parts",
    [
        {"seconds": (2.0, 1.0)},
        {"seconds": (-1.0, 1.0)},
        {"characters": (5, 4)},
        {"page": 0},
        {"box": (0.5, 0.0, 0.4, 1.0)},
        {"box": (0.0, 0.0, 1.1, 1.0)},
    ],
)
def test_a_place_that_lies_nowhere_is_refused(parts: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(ValueError):
        Place(**parts)  # type: ignore[arg-type]


def test_rights_survive_json_whatever_their_order() -> None:
    rights = Rights(readers=frozenset({"b", "a"}), denied=frozenset({"c"}), purposes=frozenset({"search"}))
    assert Rights.from_json(rights.as_json()) == rights
    assert rights.as_json()["readers"] == ["a", "b"]


def test_the_same_content_with_the_same_rights_is_the_same_item() -> None:
    one, other = Rights(readers=frozenset({"a", "b"})), Rights(readers=frozenset({"b", "a"}))
    assert item_id("acme", HASH, one) == item_id("acme", HASH, other)


@pytest.mark.parametrize(
    ("tenant", "content_hash", "rights"),
    [
        ("other", HASH, Rights(readers=frozenset({"a"}))),
        ("acme", "cd" * 32, Rights(readers=frozenset({"a"}))),
        ("acme", HASH, Rights(readers=frozenset({"b"}))),
        ("acme", HASH, Rights(readers=frozenset({"a"}), denied=frozenset({"b"}))),
    ],
)
def test_another_tenant_content_or_rights_is_another_item(tenant: str, content_hash: str, rights: Rights) -> None:
    assert item_id(tenant, content_hash, rights) != item_id("acme", HASH, Rights(readers=frozenset({"a"})))
