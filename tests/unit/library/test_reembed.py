"""Changing the encoder of a library: what is made, when searches go over, what is told, and the way back."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sensorium
from sensorium.core.contents import Content, Role
from sensorium.core.errors import BadInput, SpaceMismatch
from sensorium.core.items import Aspect, Modality
from sensorium.core.scopes import Scope
from sensorium.core.spaces import SpaceRole, Vectors
from sensorium.library import Library
from sensorium.testing.encoders import DetailedHashEncoder, HashEncoder
from sensorium.testing.media import film, plain
from sensorium.testing.pdfs import Pdf, panel, text
from sensorium.testing.pictures import write_png

OLD, NEW = HashEncoder(version="1"), HashEncoder(width=24, version="2")
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


class DeafEncoder(HashEncoder):
    """One that hardly hears what is said: every text and picture lies close to one direction."""

    def __init__(self) -> None:
        super().__init__(width=24, version="deaf")

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        rows = super().encode(modality, contents, role)
        noise = np.random.default_rng(len(contents)).standard_normal(rows.shape).astype(np.float32)
        return np.asarray(noise / np.linalg.norm(noise, axis=1, keepdims=True), dtype=np.float32)


class TextEncoder(HashEncoder):
    """One that takes words alone."""

    modalities = frozenset({Modality.TEXT})
    image_input = None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, colour in {"red": RED, "green": GREEN, "blue": BLUE}.items():
        write_png(folder / f"{name}.png", colour)
    for number, words in enumerate(("a red fox sleeps", "green hills far away", "the blue sea at night")):
        (folder / f"note{number}.txt").write_text(words)
    return folder


@pytest.fixture
def library(tmp_path: Path, files: Path) -> Iterator[Library]:
    """Filled by OLD."""
    with sensorium.open(tmp_path / "library", encoder=OLD) as opened:
        opened.add(files)
        yield opened


def names(results: sensorium.SearchResults) -> list[str]:
    return [Path(hit.path).name for hit in results]


def table(tmp_path: Path, files: Path) -> Path:
    """Queries that OLD answers at once."""
    rows = [("fox", "note0"), ("hills", "note1"), ("sea", "note2"), ("sleeps", "note0"), ("far", "note1")]
    path = tmp_path / "judged.tsv"
    path.write_text("query\titem\n" + "".join(f"{query}\t{files / name}.txt\n" for query, name in rows))
    return path


# -- going over ------------------------------------------------------------------------------------------------------


def test_searches_are_by_the_new_encoder_and_pieces_are_the_same(library: Library, files: Path) -> None:
    before = library.show(str(files / "red.png"))
    report = library.reembed(NEW)
    assert (report.switched, report.refused, report.pieces, report.behind) == (True, "", 6, ())
    assert (report.old, report.new) == (OLD.space.id, NEW.space.id)
    assert library.show(str(files / "red.png")) == before
    assert set(names(library.search("red"))[:2]) == {"red.png", "note0.txt"}
    [active] = [one for one in library.models() if one.known.is_active]
    assert (active.known.space, active.vectors, active.pieces) == (NEW.space, 6, 6)


def test_vectors_and_details_are_those_that_adding_makes(tmp_path: Path, library: Library, files: Path) -> None:
    new = DetailedHashEncoder(width=24)
    library.reembed(new)
    made = held_by(library, new)
    with sensorium.open(tmp_path / "fresh", encoder=new) as fresh:
        fresh.add(files)
        assert made == held_by(fresh, new)
    assert len(made) == 6
    assert sum(bool(details) for _, details in made.values()) == 3


def test_films_and_documents_that_are_read_in_parts_get_what_adding_makes(tmp_path: Path) -> None:
    folder, new = tmp_path / "media", DetailedHashEncoder(width=24)
    folder.mkdir()
    pictures = [plain(value) for value in (60, 180, 90, 220) for _ in range(35)]
    (folder / "sea.mp4").write_bytes(film(pictures))
    pages = Pdf()
    for number in range(3):
        pages.page(text(72, 72, f"page {number} about rivers", size=14) + panel(100, 300 + 20 * number, 300, 500))
    (folder / "rivers.pdf").write_bytes(pages.data())
    settings = sensorium.Settings(media_part_seconds=5.0, document_part_pages=1)
    with sensorium.open(tmp_path / "old", encoder=OLD, settings=settings) as library:
        library.add(folder)
        assert library.reembed(new).behind == ()
        made = held_by(library, new)
    with sensorium.open(tmp_path / "fresh", encoder=new, settings=settings) as fresh:
        fresh.add(folder)
        assert made == held_by(fresh, new)
        aspects = {piece.aspect for path in folder.iterdir() for piece in fresh.show(str(path)).pieces}
    assert {Aspect.SHOT, Aspect.FRAME, Aspect.PAGE} <= aspects


def held_by(library: Library, encoder: HashEncoder) -> dict[str, tuple[bytes, bytes]]:
    """By piece, its vector and its details."""
    store = library._store
    keys = store.visible_keys(library.scope, sensorium.Filter(), encoder.space.id).tolist()
    vectors, details = store.vectors_of(encoder.space.id, keys), store.details(library.scope, encoder.space.id, keys)
    found = store.pieces(library.scope, sensorium.Filter(), keys)
    return {found[key].piece.id: (vectors[key].tobytes(), details.get(key, b"")) for key in keys}


def test_another_open_library_goes_over_at_its_next_search(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name(monkeypatch, {"compact": OLD, "new": NEW})
    with sensorium.open(library.path) as follows, sensorium.open(library.path, encoder=OLD) as stays:
        assert names(follows.search("fox"))[:1] == names(stays.search("fox"))[:1] == ["note0.txt"]
        library.reembed("new")
        assert names(follows.search("fox"))[:1] == names(stays.search("fox"))[:1] == ["note0.txt"]
        assert follows._machine.encoder is NEW
        assert stays._machine.encoder is OLD
        with pytest.raises(SpaceMismatch, match="reembed"):
            stays.add(tmp_path / "files")
        library.drop_space(OLD.space.id)
        with pytest.raises(SpaceMismatch, match="reembed"):
            stays.search("fox")


def by_name(monkeypatch: pytest.MonkeyPatch, encoders: dict[str, HashEncoder]) -> None:
    """Settings that name these encoders, in place of plugins."""
    monkeypatch.setattr("sensorium.plugins.load_encoder", lambda name, threads: encoders[name])


def test_the_library_of_a_server_and_those_of_its_callers_go_over_too(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name(monkeypatch, {"compact": OLD, "new": NEW})
    around: list[HashEncoder] = []
    with sensorium.open(library.path) as opened:
        served = opened.encoding_with(lambda encoder: around.append(encoder) or encoder)
        views = [served.seen_by(served.scope), served.seen_by(BEN)]
        assert [len(view.search("fox")) for view in views] == [6, 0]
        library.reembed("new")
        assert [len(view.search("fox")) for view in views] == [6, 0]
        assert views[1]._machine.encoder is NEW
    assert around == [OLD, NEW]


def test_a_model_in_a_folder_is_remembered_by_its_whole_path(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    by_name(monkeypatch, {"onnx:model": NEW})
    library.reembed("onnx:model")
    [active] = [model.known for model in library.models() if model.known.is_active]
    assert active.encoder == f"onnx:{tmp_path / 'model'}"


def test_a_library_that_is_opened_later_takes_its_own_encoder(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name(monkeypatch, {"compact": OLD, "new": NEW})
    library.reembed("new")
    with sensorium.open(library.path) as later:
        assert names(later.search("fox"))[:1] == ["note0.txt"]
        assert later._machine.encoder is NEW


def test_a_setting_that_names_another_encoder_is_refused_until_it_is_made(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name(monkeypatch, {"compact": OLD, "new": NEW})
    with sensorium.open(library.path, settings=sensorium.Settings(encoder="new")) as asks:
        with pytest.raises(SpaceMismatch, match="sensorium reembed --with"):
            asks.search("fox")
        library._store.begin_space(NEW.space, "new")
        with pytest.raises(SpaceMismatch, match="sensorium reembed --with"):
            asks.search("fox")
        library.reembed("new")
        assert names(asks.search("fox"))[:1] == ["note0.txt"]


def test_an_empty_library_has_its_encoder_at_once(tmp_path: Path, files: Path) -> None:
    with sensorium.open(tmp_path / "empty", encoder=OLD) as library:
        assert library.reembed(NEW).pieces == 0
        library.add(files)
        assert [model.known.space for model in library.models() if model.vectors] == [NEW.space]
        assert names(library.search("fox"))[:1] == ["note0.txt"]


def test_without_an_encoder_what_lacks_a_vector_is_made(library: Library) -> None:
    space = OLD.space.id
    with library._store._database.writing() as connection:
        connection.execute("DELETE FROM vectors WHERE piece IN (SELECT key FROM pieces ORDER BY key LIMIT 2)")
    report = library.reembed()
    assert (report.switched, report.pieces, report.new) == (False, 2, space)
    assert library.models()[0].vectors == 6


def test_a_run_that_was_stopped_goes_on(library: Library) -> None:
    stop = threading.Event()
    first = library.reembed(Meanwhile(stop.set), stop=stop)
    assert (first.interrupted, first.switched) == (True, False)
    assert names(library.search("fox"))[:1] == ["note0.txt"]
    again = library.reembed(Meanwhile(lambda: None))
    assert again.switched
    assert 0 < again.pieces <= 6


def test_one_that_was_stopped_at_once_has_begun_nothing(library: Library) -> None:
    stop = threading.Event()
    stop.set()
    assert library.reembed(NEW, stop=stop).interrupted
    assert [model.known.space for model in library.models()] == [OLD.space]


# -- what was added, changed and erased meanwhile --------------------------------------------------------------------


class Meanwhile(HashEncoder):
    """An encoder during whose first work something else happens."""

    def __init__(self, does) -> None:
        super().__init__(width=24, version="meanwhile")
        self.does = does

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        rows = super().encode(modality, contents, role)
        does, self.does = self.does, lambda: None
        does()
        return rows


def test_an_item_that_is_added_in_the_middle_is_found_after_the_switch(library: Library, tmp_path: Path) -> None:
    late = tmp_path / "late.txt"
    late.write_text("a latecomer named zebra")

    def add_it() -> None:
        with sensorium.open(library.path, encoder=OLD) as other:
            other.add(late)

    assert library.reembed(Meanwhile(add_it)).switched
    assert names(library.search("zebra"))[:1] == ["late.txt"]


def test_an_item_that_is_erased_in_the_middle_leaves_no_byte_in_either_space(library: Library, files: Path) -> None:
    secret = files / "secret.txt"
    secret.write_text("xylophone-4711")
    library.add(files)
    needles = [e.encode(Modality.TEXT, ["xylophone-4711"], "piece").tobytes() for e in (OLD, Meanwhile(lambda: None))]

    def erase_it() -> None:
        with sensorium.open(library.path, encoder=OLD) as other:
            other.forget(str(secret))

    assert library.reembed(Meanwhile(erase_it)).switched
    held = [path.read_bytes() for path in library.path.rglob("*") if path.is_file()]
    assert not [needle for needle in needles if any(needle in content for content in held)]


def test_what_is_forgotten_later_is_gone_from_the_kept_space_too(library: Library, files: Path) -> None:
    needle = OLD.encode(Modality.TEXT, ["a red fox sleeps"], "piece").tobytes()
    library.reembed(NEW)
    assert any(needle in path.read_bytes() for path in library.path.rglob("*") if path.is_file())
    library.forget(str(files / "note0.txt"))
    assert not any(needle in path.read_bytes() for path in library.path.rglob("*") if path.is_file())


# -- files that are gone ---------------------------------------------------------------------------------------------


def test_too_much_left_behind_forbids_the_switch_and_force_allows_it(library: Library, files: Path) -> None:
    (files / "red.png").unlink()
    (files / "blue.png").write_bytes((files / "green.png").read_bytes())
    report = library.reembed(NEW)
    assert not report.switched
    assert "2 of 6 pieces" in report.refused
    assert {Path(line.source).name for line in report.behind} == {"red.png", "blue.png"}
    assert len(library.search("red", k=10)) == 6
    assert library.reembed(NEW, force=True).switched
    assert len(library.search("red", k=10)) == 4


def test_little_left_behind_allows_it(tmp_path: Path, library: Library, files: Path) -> None:
    (files / "red.png").unlink()
    with sensorium.open(library.path, encoder=OLD, settings=sensorium.Settings(reembed_share=0.2)) as patient:
        report = patient.reembed(NEW)
    assert (report.switched, report.found, report.covered) == (True, 6, 5)


def test_small_pictures_stand_in_where_that_is_wanted(library: Library, files: Path) -> None:
    (files / "red.png").unlink()
    report = library.reembed(NEW, from_previews=True)
    assert (report.switched, report.covered) == (True, 6)
    assert ["small picture" in line.why for line in report.behind] == [True]
    assert "red.png" in names(library.search("red"))[:2]


def test_a_text_needs_no_file(library: Library, files: Path) -> None:
    for file in files.glob("*.txt"):
        file.unlink()
    assert library.reembed(NEW).behind == ()


def test_a_moved_file_is_read_where_else_it_was_seen(library: Library, files: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    shutil.copy(files / "red.png", copy)
    library.add(copy)
    (files / "red.png").unlink()
    assert library.reembed(NEW).behind == ()


def test_what_lies_in_an_archive_is_read_out_of_it(library: Library, files: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", files))
    with sensorium.open(tmp_path / "other", encoder=OLD) as packed:
        packed.add(archive, archives=True)
        report = packed.reembed(NEW)
    assert (report.switched, report.pieces, report.behind) == (True, 6, ())


def test_senses_that_the_new_encoder_lacks_are_told_and_count_as_left_behind(library: Library) -> None:
    report = library.reembed(TextEncoder(version="words"))
    assert not report.switched
    assert "3 of 6" in report.refused
    assert any("no image" in note for note in report.notes)


# -- the gate --------------------------------------------------------------------------------------------------------


def test_an_encoder_that_answers_judged_queries_worse_is_refused(library: Library, files: Path, tmp_path: Path) -> None:
    report = library.reembed(DeafEncoder(), judged=table(tmp_path, files))
    assert not report.switched
    assert "worse" in report.refused
    [row] = [row for row in report.verdict.compared if row.decides]
    assert row.old[0] > row.new[0]
    assert row.change[2] < 0
    assert names(library.search("fox"))[:1] == ["note0.txt"]
    assert library.reembed(DeafEncoder(), judged=table(tmp_path, files), force=True).switched


def test_an_encoder_that_answers_them_as_well_passes(library: Library, files: Path, tmp_path: Path) -> None:
    report = library.reembed(NEW, judged=table(tmp_path, files))
    assert report.switched
    [row] = [row for row in report.verdict.compared if row.decides]
    assert (row.queries, row.old[0], row.new[0]) == (5, 1.0, 1.0)


def test_a_suite_of_ones_own_is_a_gate_too(library: Library, files: Path, tmp_path: Path) -> None:
    folder = tmp_path / "suite"
    shutil.copytree(files, folder)
    rows = "".join(f"{name}.png\ta {name} thing\n" for name in ("red", "green", "blue"))
    (folder / "captions.tsv").write_text("image\tcaption\n" + rows)
    suite = folder / "suite.toml"
    suite.write_text('kind = "pairs"\ntable = "captions.tsv"\n')
    report = library.reembed(NEW, judged=suite)
    assert report.switched
    assert {row.task for row in report.verdict.compared} == {"text -> image", "image -> text"}
    assert any(row.decides for row in report.verdict.compared)


def test_without_judged_queries_agreement_is_told(library: Library) -> None:
    report = library.reembed(NEW)
    assert report.verdict.agreement is not None
    assert 0 < report.verdict.agreement.questions <= 6
    assert 0.0 <= report.verdict.agreement.overlap <= 1.0
    assert report.verdict.agreement.as_json()["is"] == "no measure of quality"


def test_judgments_of_what_is_not_there_are_refused_before_anything_is_made(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "judged.tsv"
    path.write_text("query\titem\nfox\tit_00000000000000000000\n")
    with pytest.raises(sensorium.SensoriumError, match="no such item"):
        library.reembed(NEW, judged=path)
    assert [model.known.space for model in library.models()] == [OLD.space]


# -- back, and what is kept ------------------------------------------------------------------------------------------


def test_one_call_goes_back_and_brings_along_what_was_added_since(library: Library, tmp_path: Path) -> None:
    library.reembed(NEW)
    late = tmp_path / "late.txt"
    late.write_text("a latecomer named zebra")
    library.add(late)
    report = library.reembed_back(OLD)
    assert (report.switched, report.pieces, report.new) == (True, 1, OLD.space.id)
    assert names(library.search("zebra"))[:1] == ["late.txt"]
    assert library.reembed_back(NEW).switched


def test_there_is_nothing_to_go_back_to_at_first(library: Library) -> None:
    with pytest.raises(BadInput, match="no earlier space"):
        library.reembed_back(OLD)


def test_the_old_space_is_erased_where_that_is_wanted(library: Library) -> None:
    needle = OLD.encode(Modality.TEXT, ["a red fox sleeps"], "piece").tobytes()
    report = library.reembed(NEW, keep_old=False)
    assert report.freed > 0
    assert [one.known.space for one in library.models() if one.known.role is SpaceRole.SEARCHED] == [NEW.space]
    assert not any(needle in path.read_bytes() for path in library.path.rglob("*") if path.is_file())
    assert not list(library.path.rglob(f"*{OLD.space.id}*"))


def test_the_space_that_is_searched_is_never_dropped(library: Library) -> None:
    with pytest.raises(BadInput, match="searches are by this space"):
        library.drop_space(OLD.space.id)
    with pytest.raises(BadInput, match="no such space"):
        library.drop_space("hash-9-000000000000")
    assert len(library.search("red")) == 6


def test_info_and_doctor_tell_of_spaces_and_of_an_unfinished_run(library: Library) -> None:
    library._store.begin_space(NEW.space, "new")
    told = {str(model) for model in library.info().models}
    assert f"{OLD.space.id}, active: 6 of 6 pieces" in told
    assert f"{NEW.space.id}, unfinished: 0 of 6 pieces, made by new" in told
    [finding] = [one for one in library.doctor().findings if one.check == "models"]
    assert finding.healthy
    assert f"reembed --drop {NEW.space.id}" in finding.remedy


def test_the_doctor_mends_the_file_of_a_kept_space(library: Library) -> None:
    library.reembed(NEW)
    path = library.path / "indexes" / f"{OLD.space.id}.faiss"
    path.write_bytes(path.read_bytes()[:-1])
    findings = {finding.check: finding for finding in library.doctor().findings}
    assert not findings["index"].healthy
    assert OLD.space.id in findings["index"].message
    assert library.doctor(mend=True).healthy
    assert library.doctor().healthy


# -- whose items -----------------------------------------------------------------------------------------------------

ANN, BEN = (Scope(tenant="local", principals=frozenset({f"user:{name}"})) for name in ("ann", "ben"))


def test_what_others_keep_is_taken_over_and_told_to_nobody(library: Library, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "diary.txt").write_text("a diary about zebras")
    write_png(hidden / "face.png", (90, 90, 80))
    steps: list[tuple[int, int]] = []
    alone = replace(library.reembed(NEW, progress=lambda *step: steps.append(step)), seconds=0.0)
    library.reembed_back(OLD)
    library.drop_space(NEW.space.id)
    library.seen_by(BEN).add(hidden)
    again: list[tuple[int, int]] = []
    both = replace(library.reembed(NEW, progress=lambda *step: again.append(step)), seconds=0.0)
    assert both == alone
    assert set(again) <= {*steps, (0, 6)}
    assert names(library.seen_by(BEN).search("zebras"))[:1] == ["diary.txt"]


def test_what_others_would_lose_forbids_the_switch_and_no_number_is_told(library: Library, tmp_path: Path) -> None:
    hidden = tmp_path / "face.png"
    write_png(hidden, (90, 90, 80))
    library.seen_by(BEN).add(hidden)
    hidden.unlink()
    report = library.reembed(NEW)
    assert not report.switched
    assert report.behind == ()
    assert (report.found, report.covered) == (6, 6)
    assert not any(character.isdigit() for character in report.refused)
    assert "face" not in report.refused


def test_what_a_caller_may_not_see_is_in_no_figure_of_theirs(library: Library, tmp_path: Path) -> None:
    library.reembed(NEW)
    anns = library.seen_by(ANN)
    assert {(model.vectors, model.pieces) for model in anns.models()} == {(0, 0)}
