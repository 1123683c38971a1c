"""What is left of pairs, and what is told of those that are not."""

from pathlib import Path

import numpy as np
import pytest

from sensorium.adapting.curate import curate, doubtful
from sensorium.adapting.learn import Pairs
from sensorium.adapting.pairs import Pair, PairFile
from sensorium.testing.encoders import HashEncoder

RED, BLUE, GREEN = "200 10 10", "10 10 200", "10 200 10"


def file_of(folder: Path, rows: list[tuple[str, str, str]]) -> PairFile:
    """Rows of a picture's name, what it is painted as ("" for no file), and its text."""
    for name, painted, _ in rows:
        if painted:
            (folder / name).write_text(painted)
    pairs = [Pair(place=f"line {n}", picture=name, text=text, kind="c") for n, (name, _, text) in enumerate(rows, 2)]
    return PairFile(folder=folder, pairs=tuple(pairs))


def test_pairs_become_vectors_row_by_row(tmp_path, gallery, ports) -> None:
    curated = curate(file_of(tmp_path, [("a", RED, "red"), ("b", BLUE, "blue")]), gallery, ports.encoder)
    likeness = curated.pairs.texts @ curated.pairs.pictures.T
    assert likeness.argmax(axis=1).tolist() == [0, 1]
    assert curated.pairs.picture_of.tolist() == [0, 1]


def test_a_picture_that_is_missing_broken_or_elsewhere_is_left_out_with_a_line(tmp_path, gallery, ports) -> None:
    rows = [("a", RED, "red"), ("b", "", "blue"), ("c", "broken", "green"), ("../d", "", "d"), ("http://e/f", "", "e")]
    curated = curate(file_of(tmp_path, rows), gallery, ports.encoder)
    assert [pair.picture for pair in curated.kept] == ["a"]
    assert [line.split(": ", 2)[::2] for line in curated.skipped] == [
        ["line 3", "there is no such file"],
        ["line 4", "the picture ends early"],
        ["line 5", "it lies outside of the folder of pictures"],
        ["line 6", "a link to elsewhere is not followed"],
    ]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path, gallery, ports, tmp_path_factory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_text(RED)
    (tmp_path / "a").symlink_to(elsewhere)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    curated = curate(file_of(tmp_path, [("a", "", "red"), ("loop", "", "blue")]), gallery, ports.encoder)
    assert len(curated.pairs) == 0
    assert len(curated.skipped) == 2


def test_a_file_that_is_too_large_is_left_out(tmp_path, gallery, ports) -> None:
    curated = curate(file_of(tmp_path, [("a", RED + " " * 1_000, "red")]), gallery, ports.encoder)
    assert "bytes" in curated.skipped[0]


def test_the_same_picture_with_the_same_text_is_kept_once(tmp_path, gallery, ports) -> None:
    rows = [("a", RED, "A red one"), ("b", RED, "a red ONE"), ("c", RED, "another red one")]
    curated = curate(file_of(tmp_path, rows), gallery, ports.encoder)
    assert [pair.picture for pair in curated.kept] == ["a", "c"]
    assert curated.duplicates == ("line 3: b: the same picture and text as line 2",)
    assert len(set(curated.pairs.picture_of.tolist())) == 1


class AlmostBlind(HashEncoder):
    """Sees next to no difference between pictures."""

    def encode(self, modality, contents, role):
        vectors = super().encode(modality, contents, role)
        if modality == "image":
            vectors = np.float32([1.0] + [0.0] * (self.space.width - 1)) + 0.05 * vectors
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32)


@pytest.mark.parametrize(
    ("fingerprint", "same"), [("00000000000000ff", True), ("000000000000ffff", False)], ids=["8 bits", "16 bits"]
)
def test_pictures_are_copies_where_fingerprints_and_vectors_both_say_so(tmp_path, gallery, fingerprint, same) -> None:
    rows = [("a", f"{RED} 0000000000000000", "one"), ("b", f"{BLUE} {fingerprint}", "two")]
    curated = curate(file_of(tmp_path, rows), gallery, AlmostBlind())
    assert (curated.pairs.picture_of[0] == curated.pairs.picture_of[1]) == same


def test_fingerprints_alone_make_no_copies(tmp_path, gallery, ports) -> None:
    rows = [("a", f"{RED} 0000000000000000", "one"), ("b", f"{BLUE} 0000000000000000", "two")]
    curated = curate(file_of(tmp_path, rows), gallery, ports.encoder)
    assert curated.pairs.picture_of[0] != curated.pairs.picture_of[1]


def test_pairs_that_were_mixed_up_are_told_of() -> None:
    rows = np.eye(8, dtype=np.float32)
    mixed = rows[[1, 0, 2, 3, 4, 5, 6, 7]]
    numbers = np.arange(8)
    pairs = Pairs(texts=rows, pictures=mixed, text_of=numbers, picture_of=numbers)
    assert doubtful(pairs) == (0, 1)


def test_doubtful_pairs_can_be_left_out(tmp_path, gallery, ports) -> None:
    colours = {"red": RED, "blue": BLUE, "green": GREEN}
    rows = [(f"{name}{n}", f"{paint[:-1]}{n}", f"{name} {n}") for name, paint in colours.items() for n in range(6)]
    rows.append(("odd", RED, "blue thing"))
    curated = curate(file_of(tmp_path, rows), gallery, ports.encoder)
    assert 18 in curated.doubtful
    left = curated.without_doubtful()
    assert len(left.kept) == len(left.pairs) == len(left.hashes) == 19 - len(curated.doubtful)
    assert "odd" not in [pair.picture for pair in left.kept]


def test_classes_and_languages_are_counted(tmp_path, gallery, ports) -> None:
    rows = [("a", RED, "the dog is on the street"), ("b", BLUE, "ein Hund und eine Katze"), ("c", GREEN, "xyz")]
    coverage = curate(file_of(tmp_path, rows), gallery, ports.encoder).coverage
    assert dict(coverage.languages) == {"en": 1, "de": 1, "unclear": 1}
    assert (coverage.classes, coverage.thin) == ((("c", 3),), ("c",))


def test_it_tells_how_far_it_is(tmp_path, gallery, ports) -> None:
    told = []
    rows = [(f"p{n}", f"{n} 0 0", f"text {n}") for n in range(40)]
    curate(file_of(tmp_path, rows), gallery, ports.encoder, lambda done, total: told.append((done, total)))
    assert told == [(32, 40), (40, 40)]
