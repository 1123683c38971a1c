"""Captions and sentences in several languages, and that dev captions never come into training."""

import gzip
from pathlib import Path

import pytest

from sensorium.core.errors import BadInput
from sensorium.training.languages import Captions, read_languages, read_parallel


def write(path: Path, *rows: str) -> None:
    path.write_text("\n".join(row.replace(" | ", "\t") for row in rows) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path / "captions_de5.tsv",
        "image | flickr8k_split | caption_de",
        "a.png | train | Ein Hund",
        "a.png | dev | Geheim",
        "c.png | train | Fremd",
    )
    write(
        tmp_path / "captions_en_de_fr_cs.tsv",
        "image | flickr8k_split | multi30k_split | en | de | fr | cs",
        "b.png | train | val | a cat | Katze | un chat | kočka",
        "a.png | dev | train | x | y | z | w",
    )
    return tmp_path


def test_captions_stand_with_their_pictures(folder: Path) -> None:
    found = read_languages(folder, ("a.png", "b.png"), (("a dog",), ("a cat", "cat")), "train")
    assert found.of(0, "de") == ("Ein Hund",)
    assert found.flat("cs") == (("kočka",), (1,))
    assert found.flat("en") == (("a dog", "a cat", "cat"), (0, 1, 1))


def test_captions_of_another_split_are_not_read(folder: Path) -> None:
    found = read_languages(folder, ("a.png", "b.png"), (("a dog",), ("a cat",)), "train")
    assert {text for language in ("de", "fr", "cs") for text in found.flat(language)[0]} == {
        "Ein Hund", "Katze", "un chat", "kočka",
    }  # fmt: skip


def test_a_translated_caption_stands_in_all_languages(folder: Path) -> None:
    found = read_languages(folder, ("a.png", "b.png"), (("a dog",), ("a cat",)), "train")
    assert found.translations == ((), ({"en": "a cat", "de": "Katze", "fr": "un chat", "cs": "kočka"},))


def test_pictures_are_taken_with_all_that_is_said_of_them(folder: Path) -> None:
    found = read_languages(folder, ("a.png", "b.png"), (("a dog",), ("a cat",)), "train").take([1])
    assert found.of(0, "en") == ("a cat",)
    assert len(found.translations[0]) == 1


def test_a_folder_without_translations_has_english_alone(tmp_path: Path) -> None:
    found = read_languages(tmp_path, ("a.png",), (("a dog",),), "train")
    assert found == Captions(({"en": ("a dog",)},), ((),))


def test_sentences_of_any_flickr8k_picture_are_left_out(tmp_path: Path) -> None:
    table = tmp_path / "train.tsv.gz"
    head = "image\ten\tde\tfr\tcs\tflickr8k_image\tflickr8k_split\n"
    rows = "1\ta dog\tein Hund\tun chien\tpes\t\t\n2\tx\ty\tz\tw\tq.webp\tdev\n"
    table.write_bytes(gzip.compress((head + rows).encode()))
    assert read_parallel(table) == ({"en": "a dog", "de": "ein Hund", "fr": "un chien", "cs": "pes"},)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.tsv"):
        read_parallel(tmp_path / "none.tsv")
