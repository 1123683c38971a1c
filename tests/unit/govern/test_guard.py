"""The guard trusts neither the index nor the store."""

from typing import Any

import pytest

from sensorium.core.candidates import Admitted, VisiblePiece
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.govern.guard import opened, verify

READER = Producer(name="reader.text", version="1")
ANN = Scope(tenant="acme", principals=frozenset({"ann"}))


def kept(key: int, tenant: str, rights: Rights) -> VisiblePiece:
    lineage = Lineage(source="/x", content_hash="", size=1, modified_at=0.0, added_at=0.0, reader=READER)
    item = Item(
        id="x",
        tenant=tenant,
        modality=Modality.TEXT,
        media_type="text/plain",
        title="",
        rights=rights,
        lineage=lineage,
    )
    piece = Piece(item_id="x", ordinal=0, modality=Modality.TEXT, place=Place(), producer=READER, text="")
    return VisiblePiece(key=key, piece=piece, item=item)


class ErringStore:
    """A store whose predicate lets everything through."""

    def __init__(self, rows: list[VisiblePiece]) -> None:
        self.rows = {row.key: row for row in rows}

    def admitted(self, scope: Scope, filter: Any, keys: list[int]) -> dict[int, Admitted]:
        return {
            key: Admitted(key=key, item_id=row.item.id, tenant=row.item.tenant, rights=row.item.rights)
            for key, row in self.pieces(scope, filter, keys).items()
        }

    def pieces(self, scope: Scope, filter: Any, keys: list[int]) -> dict[int, VisiblePiece]:
        return {key: self.rows[key] for key in keys if key in self.rows}


gates = pytest.mark.parametrize("gate", [verify, opened])


@gates
@pytest.mark.parametrize(
    ("tenant", "rights"),
    [
        ("other", Rights(readers=frozenset({"ann"}))),
        ("acme", Rights()),
        ("acme", Rights(readers=frozenset({"bob"}))),
        ("acme", Rights(readers=frozenset({"ann"}), denied=frozenset({"ann"}))),
        ("acme", Rights(readers=frozenset({"ann"}), purposes=frozenset({"audit"}))),
    ],
)
def test_what_the_scope_may_not_see_is_dropped_even_if_the_store_errs(gate: Any, tenant: str, rights: Rights) -> None:
    store: Any = ErringStore([kept(1, tenant, rights)])
    assert gate(store, ANN, EVERYTHING, [1]) == {}


@gates
def test_what_the_scope_may_see_passes(gate: Any) -> None:
    store: Any = ErringStore([kept(1, "acme", Rights(readers=frozenset({"ann"})))])
    assert list(gate(store, ANN, EVERYTHING, [1, 1])) == [1]


@gates
def test_a_candidate_that_the_store_does_not_hold_is_dropped(gate: Any) -> None:
    assert gate(ErringStore([]), ANN, EVERYTHING, [9]) == {}
