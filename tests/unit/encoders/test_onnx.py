"""Folders of ONNX files: the micro models give the reference library's vectors, and stop doing so when anything of how
their contents are prepared is changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import ImageInput
from sensorium.core.errors import BadInput, BadSetting, ExtraMissing, GoldenMismatch, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders.golden import read_golden
from sensorium.encoders.onnx import GOLDEN, OnnxEncoder
from sensorium.plugins import load_encoder

MICRO = Path(__file__).parent / "micro"
SENSES = {
    "clip": (Modality.TEXT, Modality.IMAGE),
    "siglip": (Modality.TEXT, Modality.IMAGE),
    "clap": (Modality.TEXT, Modality.AUDIO),
}
EVERY = [(kind, modality) for kind, senses in SENSES.items() for modality in senses]

Change = Callable[[dict[str, Any]], object]


def load(folder: Path, options: str = "") -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=f"{folder}{options}")


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a micro model that may be changed."""
    return lambda kind: Path(shutil.copytree(MICRO / kind, tmp_path / kind))


def change(path: Path, how: Change) -> None:
    values = json.loads(path.read_text())
    how(values)
    path.write_text(json.dumps(values))


@pytest.mark.parametrize(("kind", "modality"), EVERY)
def test_vectors_are_those_of_the_reference_together_and_alone(kind: str, modality: Modality) -> None:
    golden = read_golden((MICRO / kind / GOLDEN[modality]).read_bytes(), kind)
    encoder = load(MICRO / kind)
    alone = np.vstack([encoder.encode(modality, [content], "piece") for content in golden.contents])
    np.testing.assert_allclose(encoder.encode(modality, golden.contents, "query"), golden.vectors, atol=1e-4)
    np.testing.assert_allclose(alone, golden.vectors, atol=1e-4)


BROKEN: Mapping[str, tuple[str, Modality, str, Change]] = {
    "padding of another token": (
        "siglip", Modality.TEXT, "tokenizer_config.json", lambda it: it.update(pad_token="<unk>")),
    "padding before the text": (
        "siglip", Modality.TEXT, "tokenizer_config.json", lambda it: it.update(padding_side="left")),
    "punctuation that stays": (
        "siglip", Modality.TEXT, "tokenizer_config.json", lambda it: it.update(tokenizer_class="GemmaTokenizer")),
    "padding to another length": (
        "siglip", Modality.TEXT, "config.json", lambda it: it["text_config"].update(max_position_embeddings=32)),
    "no end of the text": (
        "clip", Modality.TEXT, "tokenizer.json", lambda it: it.update(post_processor=None)),
    "capital letters": (
        "clip", Modality.TEXT, "tokenizer.json", lambda it: it.update(normalizer=None)),
    "another mean": (
        "clip", Modality.IMAGE, "preprocessor_config.json", lambda it: it.update(image_mean=[0.5, 0.5, 0.5])),
    "another deviation": (
        "siglip", Modality.IMAGE, "preprocessor_config.json", lambda it: it.update(image_std=[0.25, 0.25, 0.25])),
    "no normalisation": (
        "siglip", Modality.IMAGE, "preprocessor_config.json", lambda it: it.update(do_normalize=False)),
    "no scaling to 1": (
        "clip", Modality.IMAGE, "preprocessor_config.json", lambda it: it.update(do_rescale=False)),
    "the other mel scale": (
        "clap", Modality.AUDIO, "preprocessor_config.json", lambda it: it.update(frequency_min=0)),
    "silence in place of repeats": (
        "clap", Modality.AUDIO, "preprocessor_config.json", lambda it: it.update(padding="pad")),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_golden_vectors_tell_when_preparation_is_broken(what: str, copy: Callable[[str], Path]) -> None:
    kind, modality, name, how = BROKEN[what]
    folder = copy(kind)
    change(folder / name, how)
    with pytest.raises(GoldenMismatch):
        load(folder).encode(modality, contents(kind, modality), "piece")


def contents(kind: str, modality: Modality) -> Any:
    return read_golden((MICRO / kind / GOLDEN[modality]).read_bytes(), kind).contents


def test_wrong_padding_turns_rankings_upside_down(copy: Callable[[str], Path]) -> None:
    folder = copy("siglip")
    texts, pictures = contents("siglip", Modality.TEXT), contents("siglip", Modality.IMAGE)
    right = scores(load(folder), texts, pictures)
    (folder / GOLDEN[Modality.TEXT]).unlink()
    change(folder / "tokenizer_config.json", lambda it: it.update(pad_token="<unk>"))
    wrong = scores(load(folder), texts, pictures)
    assert (right.argsort(axis=1) != wrong.argsort(axis=1)).any(axis=1).sum() >= len(texts) // 2


def scores(encoder: OnnxEncoder, texts: Any, pictures: Any) -> Any:
    return encoder.encode(Modality.TEXT, texts, "query") @ encoder.encode(Modality.IMAGE, pictures, "piece").T


def test_the_settings_name_a_folder() -> None:
    assert load_encoder(f"onnx:{MICRO / 'clip'}", threads=1).space == load(MICRO / "clip").space


def test_a_model_that_is_not_here_is_told_with_how_to_fetch_it() -> None:
    with pytest.raises(ExtraMissing, match=r"sensorium models get nobody/nothing"):
        load(Path("nobody/nothing"))


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "nothing", "a/..", "-a/b"])
def test_what_names_no_model_is_told(name: str) -> None:
    with pytest.raises((BadSetting, ExtraMissing)):
        OnnxEncoder.load(threads=1, model=name)


@pytest.mark.parametrize("options", ["?variant=q4&variant=q8", "?precision=q4", "?variant=../../x"])
def test_options_that_are_not_known_are_told(options: str) -> None:
    with pytest.raises(BadSetting):
        load(MICRO / "clip", options)


def test_a_variant_takes_its_own_towers_and_is_another_space(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    for tower in ("text", "vision"):
        data = (folder / f"onnx/{tower}_model.onnx").read_bytes()
        (folder / f"onnx/{tower}_model_q8.onnx").write_bytes(data)
    assert load(folder, "?variant=q8").space.id != load(folder).space.id
    load(folder, "?variant=q8").verify()


def test_a_variant_that_is_not_there_is_told_with_those_that_are(copy: Callable[[str], Path]) -> None:
    with pytest.raises(BadSetting, match=r"onnx/text_model\.onnx"):
        load(copy("clip"), "?variant=q4")


def test_the_space_is_named_after_the_model_and_known_by_all_that_decides_a_vector(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    space = load(folder).space
    assert (space.name, space.version, space.width) == ("clip", "1", 24)
    for name, how in (
        ("tokenizer.json", lambda it: it.update(decoder=None)),
        ("preprocessor_config.json", lambda it: it.update(resample=2)),
        ("tokenizer_config.json", lambda it: it.update(pad_token="<|startoftext|>")),
    ):
        before = load(folder).space.digest
        change(folder / name, how)
        assert load(folder).space.digest != before


def test_what_is_of_no_account_does_not_change_the_space(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    before = load(folder).space
    change(folder / "config.json", lambda it: it.update(transformers_version="99"))
    (folder / "README.md").write_text("read me")
    assert load(folder).space == before


def test_weights_that_change_under_a_running_encoder_are_refused(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    encoder = load(folder)
    with (folder / "onnx/text_model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelDamaged, match="not the one"):
        encoder.encode(Modality.TEXT, ["a"], "query")


def test_in_the_cache_of_the_hub_bytes_are_held_against_the_name_of_their_blob(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    blobs = folder / "blobs"
    blobs.mkdir()
    model = folder / "onnx/text_model.onnx"
    model.rename(blobs / ("0" * 64))
    model.symlink_to(blobs / ("0" * 64))
    with pytest.raises(ModelDamaged, match="not the one"):
        load(folder).encode(Modality.TEXT, ["a"], "query")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "preprocessor_config.json"])
def test_a_file_that_is_missing_is_named(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    (folder / name).unlink()
    with pytest.raises(ModelDamaged, match=name.replace(".", r"\.")):
        load(folder).verify()


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"not an onnx file", b"\x08\x08" * 4_000])
def test_bytes_that_are_no_model_are_told(data: bytes, copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    (folder / "onnx/vision_model.onnx").write_bytes(data)
    with pytest.raises((ModelDamaged, BadSetting)):
        load(folder).verify()


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "preprocessor_config.json", "sensorium.json"])
@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_files_that_are_no_json_object_are_told(name: str, data: bytes, copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    (folder / name).write_bytes(data)
    with pytest.raises((ModelDamaged, BadSetting)):
        load(folder).verify()


@pytest.mark.parametrize(
    "how",
    [
        lambda it: it.update(do_resize=False),
        lambda it: it.update(resample=9),
        lambda it: it.update(crop_size={"height": 0, "width": 8}),
        lambda it: it.update(crop_size={"height": "8", "width": 8}),
        lambda it: it.update(image_mean=[0.5]),
        lambda it: it.update(size={"longest_edge": 8}),
    ],
    ids=["any size", "filter", "no side", "a word", "one mean", "longest edge"],
)
def test_preprocessing_that_is_not_understood_is_refused_not_guessed(how: Change, copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    change(folder / "preprocessor_config.json", how)
    with pytest.raises(BadSetting, match="not understood"):
        load(folder)


def test_null_in_the_preprocessing_stands_for_the_default(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    change(folder / "preprocessor_config.json", lambda it: it.update(do_resize=None, do_rescale=None, resample=None))
    load(folder).verify()


def test_the_form_of_the_first_clip_exports_is_read(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    change(folder / "preprocessor_config.json", lambda it: it.update(size=8, crop_size=8))
    assert load(folder).image_input == ImageInput(width=8, height=8, fit="crop", shorter=8)
    load(folder).verify()


def test_other_kinds_of_models_are_refused_by_name(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    change(folder / "config.json", lambda it: it.update(model_type="siglip2"))
    with pytest.raises(BadSetting, match="siglip2"):
        load(folder)


def test_newer_folders_keep_the_preprocessing_inside_of_the_processor(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    inside = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": inside}))
    load(folder).verify()
    assert load(folder).space == load(MICRO / "clip").space


def test_defaults_that_a_config_leaves_out_are_those_of_the_reference(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    change(folder / "config.json", lambda it: it.pop("text_config"))
    assert "77" in load(folder).notes[0]


def test_a_text_beyond_the_window_is_read_to_its_end() -> None:
    encoder = load(MICRO / "clip")
    long = " ".join(["two dogs run through deep snow"] * 20)
    one, other = encoder.encode(Modality.TEXT, [f"{long} red", f"{long} heron"], "piece")
    assert np.abs(one - other).max() > 1e-4


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(BadInput, match="uint8"):
        load(MICRO / "clip").encode(Modality.IMAGE, [np.zeros((9, 8, 3), np.uint8)], "piece")


def test_a_sound_longer_than_a_window_is_refused() -> None:
    with pytest.raises(BadInput, match="more than 4,000"):
        load(MICRO / "clap").encode(Modality.AUDIO, [np.ones(4_001, np.int16)], "piece")


def test_what_readers_are_to_make_is_what_the_files_say() -> None:
    assert load(MICRO / "clip").image_input == ImageInput(width=8, height=8, fit="crop", shorter=8)
    assert load(MICRO / "siglip").image_input == ImageInput(width=8, height=8)
    wanted = load(MICRO / "clap").audio_input
    assert wanted is not None
    assert (wanted.rate, wanted.seconds) == (4_000, 1.0)


def test_without_golden_vectors_a_tower_that_tells_nothing_apart_is_refused(copy: Callable[[str], Path]) -> None:
    folder = copy("clip")
    (folder / GOLDEN[Modality.IMAGE]).unlink()
    load(folder).verify()
    change(folder / "preprocessor_config.json", lambda it: it.update(rescale_factor=1e-30, image_std=[1e9] * 3))
    with pytest.raises(ModelDamaged, match="same vector"):
        load(folder).verify()
