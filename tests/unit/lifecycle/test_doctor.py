"""The doctor names what is wrong, says the mend, and mends what can be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sensorium.core.errors import GoldenMismatch, LibraryBusy, PluginBroken
from sensorium.core.items import Modality
from sensorium.core.receipts import Sighting
from sensorium.core.reports import Finding
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space
from sensorium.lifecycle.doctor import Patient, examine
from sensorium.testing.encoders import DetailedHashEncoder, HashEncoder


class Part:
    """Store, sources and indexes of a library in one; each can be made ill."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.missing: dict[str, int] = {}
        self.plain: dict[tuple[str, Modality], int] = {}
        self.index_wrong: list[str] = []
        self.seen: list[Sighting] = []
        self.log_is_held = False
        self.scrub_is_due = False

    def check(self) -> list[str]:
        return list(self.wrong)

    def pieces_without_vectors(self) -> dict[str, int]:
        return self.missing

    def pieces_without_details(self, space_id: str, modality: Modality) -> int:
        return self.plain.get((space_id, modality), 0)

    def is_scrub_due(self) -> bool:
        return self.scrub_is_due

    def scrub(self) -> None:
        if self.log_is_held:
            raise LibraryBusy("the log still holds erased bytes", remedy="close other searches")

    def inspect(self, space: Space) -> list[str]:
        return list(self.index_wrong)

    def rebuild(self, space: Space) -> None:
        self.index_wrong = []

    def sightings(self, scope: Scope, under: str | None = None) -> Any:
        return iter(self.seen)


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
def patient(part: Part, tmp_path: Path) -> Patient:
    ports: Any = part
    return Patient(
        folder=tmp_path,
        scope=Scope.local_owner(),
        store=ports,
        sources=ports,
        indexes=ports,
        encoder=HashEncoder(),
        spaces=(HashEncoder().space,),
        sandbox=lambda: "seccomp",
    )


def finding(patient: Patient, check: str, *, mend: bool = False) -> Finding:
    [found] = [found for found in examine(patient, mend=mend) if found.check == check]
    return found


def test_a_library_that_is_well_has_no_complaint(patient: Patient) -> None:
    assert all(found.healthy for found in examine(patient))


def test_a_damaged_store_is_a_complaint_with_a_remedy(patient: Patient, part: Part) -> None:
    part.wrong = ["the database is damaged: page 7"]
    found = finding(patient, "store")
    assert (found.healthy, "page 7" in found.message, bool(found.remedy)) == (False, True, True)


def test_pieces_without_vectors_are_a_complaint_in_this_encoders_space_only(patient: Patient, part: Part) -> None:
    part.missing = {"other-1-000000000000": 5}
    assert finding(patient, "store").healthy
    part.missing = {patient.encoder.space.id: 5}
    assert "5 pieces have no vector" in finding(patient, "store").message


def test_vectors_that_lack_can_be_made_and_a_damaged_store_can_not(patient: Patient, part: Part) -> None:
    part.missing = {patient.encoder.space.id: 5}
    assert "sensorium reembed" in finding(patient, "store").remedy
    part.wrong = ["a page is torn"]
    assert "put back a copy" in finding(patient, "store").remedy


def test_pictures_without_details_are_a_complaint_where_the_encoder_gives_some(patient: Patient, part: Part) -> None:
    encoder = DetailedHashEncoder()
    detailed = replace(patient, encoder=encoder, spaces=(encoder.space,))
    part.plain = {(encoder.space.id, Modality.TEXT): 4}
    assert finding(detailed, "store").healthy
    part.plain = {(encoder.space.id, Modality.IMAGE): 3}
    found = finding(detailed, "store")
    assert (found.healthy, "3 pictures have no details" in found.message, bool(found.remedy)) == (False, True, True)
    encoder.details = None
    assert finding(detailed, "store").healthy


def test_a_bad_index_file_is_named_and_left_alone_without_mend(patient: Patient, part: Part) -> None:
    part.index_wrong = ["it is missing"]
    assert "--mend" in finding(patient, "index").remedy
    assert part.index_wrong


def test_a_bad_index_file_is_mended(patient: Patient, part: Part) -> None:
    part.index_wrong = ["it is missing"]
    assert finding(patient, "index", mend=True).mended
    assert finding(patient, "index").healthy


def test_what_was_forgotten_and_not_scrubbed_is_a_complaint(patient: Patient, part: Part) -> None:
    part.scrub_is_due = True
    found = finding(patient, "log")
    assert not found.healthy
    assert "--mend" in found.remedy


def test_an_empty_library_lacks_no_index(patient: Patient, part: Part) -> None:
    part.index_wrong = ["the index was never written"]
    assert finding(replace(patient, spaces=()), "index").healthy


def test_a_library_that_another_encoder_filled_is_named_and_no_index_is_built_for_it(
    patient: Patient, part: Part
) -> None:
    part.index_wrong = ["the index was never written"]
    other = replace(patient, encoder=HashEncoder(version="2"))
    found = finding(other, "index", mend=True)
    assert (found.healthy, found.mended, patient.spaces[0].id in found.message) == (False, False, True)
    assert part.index_wrong


def test_a_log_that_can_not_be_emptied_is_a_complaint(patient: Patient, part: Part) -> None:
    part.log_is_held = True
    assert not finding(patient, "log", mend=True).healthy


def test_files_that_are_gone_are_counted_and_named(patient: Patient, part: Part, tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text("x")
    for name in ("here.txt", "gone.txt"):
        part.seen.append(
            Sighting(source=str(tmp_path / name), item_id="it_1", content_hash="", size=1, modified_ns=0, seen_at=0.0)
        )
    found = finding(patient, "files")
    assert ("1 of 2" in found.message, "gone.txt" in found.message, "--prune" in found.remedy) == (True, True, True)


def test_an_encoder_that_left_its_reference_is_a_complaint(patient: Patient) -> None:
    class Drifted(HashEncoder):
        def verify(self) -> None:
            raise GoldenMismatch("the vectors differ", remedy="reinstall sensorium")

    assert not finding(replace(patient, encoder=Drifted()), "encoder").healthy


def test_a_sandbox_that_can_not_be_had_is_a_complaint(patient: Patient) -> None:
    def broken() -> str:
        raise PluginBroken("no reader is registered")

    assert not finding(replace(patient, sandbox=broken), "sandbox").healthy
