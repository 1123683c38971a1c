"""Suites asked of real libraries; only the encoder is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ir_measures
import numpy as np
import pytest

import sensorium
from sensorium.core.contents import Content, Role
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.evaluation.saving import save_runs
from sensorium.evaluation.system.run import SEARCHES
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200), "navy": (5, 5, 90), "sky": (9, 9, 250)}


class Texts(HashEncoder):
    modalities = frozenset({Modality.TEXT})
    image_input = None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture of each colour, and their captions."""
    for name, colour in COLOURS.items():
        write_png(tmp_path / f"{name}.png", colour)
    rows = [(name, word) for name, word in zip(COLOURS, ["red", "green", "blue", "blue", "blue"], strict=True)]
    lines = [f"{name}.png\t{word}\t{name} {word}\n" for name, word in rows]
    (tmp_path / "t.tsv").write_text("image\tcolour\tcaption\n" + "".join(lines))
    (tmp_path / "pairs.toml").write_text('kind = "pairs"\ntable = "t.tsv"\n')
    (tmp_path / "colours.toml").write_text('kind = "catalogue"\ntable = "t.tsv"\nid = "image"\nwords = "{colour}"\n')
    (tmp_path / "alike.toml").write_text('kind = "catalogue"\ntable = "t.tsv"\nid = "image"\ntype = "colour"\n')
    return tmp_path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with sensorium.open(tmp_path / "made" / "library", encoder=HashEncoder(width=128)) as opened:
        yield opened


def test_a_report_states_what_was_measured_of_what(library: Library, folder: Path) -> None:
    report = library.evaluate_suite(folder / "pairs.toml").report
    words, pictures = report.tasks
    assert (report.suite, report.kind, report.system.index) == ("pairs", "pairs", "faiss.flat/1")
    assert report.system.space.startswith("hash-1-")
    assert (words.asked, words.found, words.queries, words.clusters, words.gallery) == ("text", "image", 5, 5, 5)
    assert (pictures.asked, pictures.found, pictures.depth) == ("image", "text", 5)


def test_figures_are_those_of_the_run_that_is_written(library: Library, folder: Path, tmp_path: Path) -> None:
    evaluated = library.evaluate_suite(folder / "colours.toml")
    run, qrels = save_runs(evaluated, tmp_path)
    (task,) = evaluated.report.tasks
    measures = [ir_measures.parse_measure(name) for name in task.figures]
    said = ir_measures.calc_aggregate(
        measures, list(ir_measures.read_trec_qrels(str(qrels))), list(ir_measures.read_trec_run(str(run)))
    )
    assert {str(measure): value for measure, value in said.items()} == {
        name: pytest.approx(interval.mean, abs=1e-6) for name, interval in task.figures.items()
    }


def test_every_word_of_a_colour_is_found_by_its_pictures(library: Library, folder: Path) -> None:
    (task,) = library.evaluate_suite(folder / "colours.toml").report.tasks
    assert (task.queries, task.gallery) == (3, 5)
    assert task.figures["Success@1"].mean == 1.0
    assert task.figures["R@1"].mean == pytest.approx((1 + 1 + 1 / 3) / 3)


def test_a_picture_is_not_its_own_answer(library: Library, folder: Path) -> None:
    (task,) = library.evaluate_suite(folder / "alike.toml").report.tasks
    assert (task.queries, task.figures["Success@1"].mean, task.median_rank) == (3, 1.0, 1.0)
    assert "2 products are the only one" in str(task)


def test_a_figure_that_no_rank_reaches_is_none(library: Library, folder: Path) -> None:
    (folder / "pairs.toml").write_text('kind = "pairs"\ntable = "t.tsv"\ndepth = 1\n')
    (folder / "t.tsv").write_text("image\tcaption\nred.png\tgreen\ngreen.png\tred\n")
    words, _ = library.evaluate_suite(folder / "pairs.toml").report.tasks
    assert words.median_rank is None
    assert "beyond what was looked at" in str(words)


def test_a_sense_that_the_encoder_lacks_is_told_before_any_work(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    with sensorium.open(folder / "texts", encoder=Texts()) as library:
        with pytest.raises(BadInput, match="hash: this encoder takes no image, but text"):
            library.evaluate_suite(folder / "pairs.toml", told=lambda *done: told.append(done))
    assert told == []


def test_sounds_are_told_not_to_be_taken(library: Library, folder: Path) -> None:
    (folder / "s.toml").write_text(
        'kind = "labels"\nmedia = "audio"\ntable = "t.tsv"\nfile = "image"\nlabel = "colour"\n'
    )
    with pytest.raises(BadInput, match="takes no audio, but image, text"):
        library.evaluate_suite(folder / "s.toml")


def test_a_file_that_is_refused_is_an_error_and_not_left_out(library: Library, folder: Path) -> None:
    (folder / "red.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(BadInput, match=r"red.png: it was refused"):
        library.evaluate_suite(folder / "pairs.toml")


def test_a_text_among_the_pictures_is_an_error(library: Library, folder: Path) -> None:
    (folder / "red.png").write_text("a letter")
    with pytest.raises(BadInput, match=r"red.png: this is no picture"):
        library.evaluate_suite(folder / "pairs.toml")


def test_roles_are_told_apart_in_suites(folder: Path) -> None:
    class Turned(HashEncoder):
        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            vectors = super().encode(modality, contents, role)
            return np.asarray(-vectors if role == "query" else vectors)

    with sensorium.open(folder / "turned", encoder=Turned(width=128)) as library:
        (task,) = library.evaluate_suite(folder / "colours.toml").report.tasks
    assert task.figures["Success@1"].mean == 0.0


# -- the whole system ------------------------------------------------------------------------------------------------


def test_every_stage_is_measured_or_says_why_not(library: Library, folder: Path) -> None:
    report = library.evaluate_system(folder / "colours.toml")
    assert [stage.stage for stage in report.stages] == ["exact", "index", *(name for name, *_ in SEARCHES)]
    assert all(bool(stage.figures) != bool(stage.lacking) for stage in report.stages)
    assert all(stage.figures["Success@1"].mean == 1.0 for stage in report.stages if stage.figures)
    assert {"exact", "index", "search", "as set"} <= {stage.stage for stage in report.stages if stage.figures}


def test_a_search_ranks_as_the_suite_does(library: Library, folder: Path) -> None:
    (suite,) = library.evaluate_suite(folder / "colours.toml").report.tasks
    for stage in library.evaluate_system(folder / "colours.toml").stages:
        for name, interval in stage.figures.items():
            assert interval == suite.figures[name], (stage.stage, name)


def test_an_exact_index_finds_every_true_neighbour_behind_every_filter(library: Library, folder: Path) -> None:
    rows = library.evaluate_system(folder / "colours.toml").index_recall
    assert [(row.share, row.allowed, row.recall.mean) for row in rows] == [
        (1.0, 5, 1.0),
        (0.5, 2, 1.0),
        (0.05, 1, 1.0),
        (0.005, 1, 1.0),
    ]


def test_every_search_is_timed_stage_by_stage(library: Library, folder: Path) -> None:
    report = library.evaluate_system(folder / "colours.toml")
    assert [row.stage for row in report.latency] == ["plan", "recall", "present", "search"]
    assert all(row.calls == 3 for row in report.latency)
    assert all(0 <= row.milliseconds[50] <= row.milliseconds[95] <= row.milliseconds[99] for row in report.latency)


def test_texts_are_added_as_files_and_one_of_the_tasks_can_be_named(library: Library, folder: Path) -> None:
    report = library.evaluate_system(folder / "pairs.toml", "image -> text")
    assert (report.task, report.queries, report.gallery, report.pieces) == ("image -> text", 5, 5, 5)
    assert report.stages[0].figures == report.stages[2].figures


def test_files_of_the_same_content_are_both_found(library: Library, folder: Path) -> None:
    write_png(folder / "sky.png", COLOURS["navy"])
    report = library.evaluate_system(folder / "colours.toml")
    assert (report.gallery, report.pieces) == (5, 4)
    assert report.stages[2].figures["R@10"].mean == 1.0


def test_a_query_is_left_out_of_its_own_answers(library: Library, folder: Path) -> None:
    report = library.evaluate_system(folder / "alike.toml")
    assert all(stage.figures["Success@1"].mean == 1.0 for stage in report.stages if stage.figures)


def test_pages_are_told_apart_in_a_library(library: Library, folder: Path) -> None:
    (folder / "a.txt").write_text("kettle water")
    (folder / "b.txt").write_text("lamp light")
    (folder / "p.tsv").write_text("text\tfile\tpage\nkettle\ta.txt\t1\nlamp\tb.txt\t1\n")
    (folder / "p.toml").write_text('kind = "pages"\ntable = "p.tsv"\n')
    report = library.evaluate_system(folder / "p.toml")
    assert all(stage.figures["Success@1"].mean == 1.0 for stage in report.stages if stage.figures)


def test_of_many_queries_some_are_drawn_always_the_same(library: Library, folder: Path, tmp_path: Path) -> None:
    def told(opened: Library) -> dict[str, object]:
        document = opened.evaluate_system(folder / "pairs.toml", most=2).as_json()
        return {name: value for name, value in document.items() if name not in ("latency", "seconds")}

    first = told(library)
    with sensorium.open(tmp_path / "other" / "library", encoder=HashEncoder(width=128)) as other:
        assert told(other) == first
    assert (first["queries"], first["asked_of"]) == (2, 5)


def test_a_library_that_holds_items_is_left_alone(library: Library, folder: Path) -> None:
    library.add(folder / "red.png")
    with pytest.raises(BadInput, match="name a library that is empty"):
        library.evaluate_system(folder / "colours.toml")


def test_a_task_that_is_not_there_is_answered_with_those_that_are(library: Library, folder: Path) -> None:
    with pytest.raises(BadInput, match="name one of: text -> image, image -> text"):
        library.evaluate_system(folder / "pairs.toml", "text -> text")
