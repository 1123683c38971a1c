"""Encoders with small layers over another one's vectors."""

import io
import json

import numpy as np
import pytest

from sensorium import plugins
from sensorium.adapting.folder import Made, write
from sensorium.core.errors import BadSetting, GoldenMismatch, ModelDamaged, SpaceMismatch
from sensorium.core.items import Modality
from sensorium.encoders.adapters import IDENTITY, LINEAR, LOW_RANK, MLP, Adapter, packed, read_adapters
from sensorium.encoders.layered import AdaptedEncoder
from sensorium.testing.encoders import DetailedHashEncoder, HashEncoder

WIDTH = 32
RANDOM = np.random.default_rng(2)


def adapter(kind: str = LINEAR, strength: float = 0.5) -> Adapter:
    shapes = {
        LINEAR: {"weight": (WIDTH, WIDTH), "bias": (WIDTH,)},
        LOW_RANK: {"down": (WIDTH, 4), "up": (4, WIDTH), "bias": (WIDTH,)},
        MLP: {"down": (WIDTH, 4), "inner": (4,), "up": (4, WIDTH), "bias": (WIDTH,)},
    }[kind]
    random = np.random.default_rng(7)
    arrays = {name: (strength * random.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}
    return Adapter(kind=kind, arrays=arrays)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Writes a folder, and loads it over a HashEncoder."""
    monkeypatch.setattr(plugins, "load_encoder", lambda setting, threads=0: HashEncoder())

    def made(side: str = "both", base: HashEncoder | None = None):
        adapters = {Modality.TEXT: adapter(), Modality.IMAGE: adapter(MLP)}
        if side == "query":
            del adapters[Modality.IMAGE]
        what = Made(
            name="mine", base="hash", side=side, adapters=adapters, curves={}, lineage=[], card="# mine", about={}
        )
        write(tmp_path / "mine", what, base or HashEncoder())
        return tmp_path / "mine"

    return made


def test_questions_alone_are_adapted_and_the_space_stays_the_base_s() -> None:
    base = HashEncoder()
    encoder = AdaptedEncoder(base, {Modality.TEXT: adapter()}, "query")
    assert encoder.space == base.space
    plain = base.encode(Modality.TEXT, ["a red dog"], "query")
    np.testing.assert_array_equal(encoder.encode(Modality.TEXT, ["a red dog"], "piece"), plain)
    assert np.abs(encoder.encode(Modality.TEXT, ["a red dog"], "query") - plain).max() > 0.01


def test_what_adapts_pieces_is_a_space_of_its_own() -> None:
    base = HashEncoder()
    one, other = (
        AdaptedEncoder(base, {Modality.TEXT: adapter(strength=strength)}, "both", name="mine")
        for strength in (0.5, 0.6)
    )
    assert len({base.space.id, one.space.id, other.space.id}) == 3
    assert one.space.name == "mine"


def test_details_are_those_of_the_base() -> None:
    base = DetailedHashEncoder()
    encoder = AdaptedEncoder(base, {Modality.TEXT: adapter()}, "query")
    vectors, details = encoder.encode_detailed(Modality.TEXT, ["red"], "query")
    np.testing.assert_array_equal(vectors, encoder.encode(Modality.TEXT, ["red"], "query"))
    np.testing.assert_array_equal(details[0], base.encode_detailed(Modality.TEXT, ["red"], "query")[1][0])


def test_what_the_base_lacks_it_says_it_has_not() -> None:
    encoder = AdaptedEncoder(HashEncoder(), {Modality.TEXT: adapter()}, "query")
    assert (encoder.details, encoder.audio_input, encoder.query_bank(Modality.TEXT)) == (None, None, None)
    assert encoder.calibration_after(Modality.TEXT, Modality.IMAGE, ("late",)) is None
    assert (encoder.row_spans("a"), encoder.common_words_like("a", (1, 2)), encoder.knows_word("a")) == ((), (), False)


@pytest.mark.parametrize("kind", [LINEAR, LOW_RANK, MLP])
def test_arrays_come_back_as_they_were(kind: str) -> None:
    file = io.BytesIO()
    np.savez(file, **packed({Modality.TEXT: adapter(kind)}))
    found = read_adapters(file.getvalue(), {Modality.TEXT: kind}, WIDTH)[Modality.TEXT]
    rows = HashEncoder().encode(Modality.TEXT, ["a", "b"], "query")
    np.testing.assert_array_equal(found.apply(rows), adapter(kind).apply(rows))


def test_an_identity_gives_the_very_rows() -> None:
    rows = HashEncoder().encode(Modality.TEXT, ["a"], "query")
    assert Adapter(kind=IDENTITY).apply(rows) is rows


@pytest.mark.parametrize(
    "arrays",
    [
        {"weight": np.zeros((WIDTH, 4), np.float32), "bias": np.zeros(WIDTH, np.float32)},
        {"weight": np.zeros((WIDTH, WIDTH), np.float32)},
        {"weight": np.full((WIDTH, WIDTH), np.nan, np.float32), "bias": np.zeros(WIDTH, np.float32)},
        {"weight": np.zeros((WIDTH, WIDTH), np.float64), "bias": np.zeros(WIDTH, np.float64)},
        {"weight": np.zeros((4, 4), np.float32), "bias": np.zeros(4, np.float32)},
    ],
    ids=["shape", "missing", "nan", "double", "width"],
)
def test_arrays_that_are_no_adapter_are_refused(arrays) -> None:
    file = io.BytesIO()
    np.savez(file, **{f"text.{name}": array for name, array in arrays.items()})
    with pytest.raises(ModelDamaged):
        read_adapters(file.getvalue(), {Modality.TEXT: LINEAR}, WIDTH)


def test_a_pickle_among_the_arrays_is_not_opened() -> None:
    file = io.BytesIO()
    np.savez(file, **{"text.weight": np.array([{"a": 1}], dtype=object), "text.bias": np.zeros(WIDTH, np.float32)})
    with pytest.raises(ModelDamaged, match="pickle"):
        read_adapters(file.getvalue(), {Modality.TEXT: LINEAR}, WIDTH)


def test_a_folder_is_loaded_and_verified(made) -> None:
    encoder = AdaptedEncoder.load(1, str(made()))
    encoder.verify()
    assert encoder.encode(Modality.TEXT, ["a"], "query").shape == (1, WIDTH)


@pytest.mark.parametrize("name", ["adapters.npz", "golden.npz"])
def test_a_file_that_was_changed_is_refused(made, name: str) -> None:
    folder = made()
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelDamaged, match="not the one"):
        AdaptedEncoder.load(1, str(folder))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "other/1"}', '{"schema": "sensorium.adapted/1", "side": "left"}']
)
def test_a_manifest_that_says_nothing_is_refused(made, text: str) -> None:
    folder = made()
    (folder / "encoder.json").write_text(text)
    with pytest.raises(ModelDamaged):
        AdaptedEncoder.load(1, str(folder))


def test_another_version_of_the_base_is_refused(made) -> None:
    folder = made(base=HashEncoder(version="0"))
    with pytest.raises(SpaceMismatch, match="it was made for hash-0"):
        AdaptedEncoder.load(1, str(folder))


def test_no_folder_is_told_of() -> None:
    with pytest.raises(BadSetting, match="no folder"):
        AdaptedEncoder.load(1)


def test_a_folder_that_is_not_there_is_told_of(tmp_path) -> None:
    with pytest.raises(ModelDamaged, match="can not be read"):
        AdaptedEncoder.load(1, str(tmp_path / "nowhere"))


def test_a_base_that_gives_other_vectors_does_not_pass(made, monkeypatch) -> None:
    class Other(HashEncoder):
        def encode(self, modality, contents, role):
            return super().encode(modality, [f"{content} x" for content in contents], role)

    folder = made("query")
    monkeypatch.setattr(plugins, "load_encoder", lambda setting, threads=0: Other())
    with pytest.raises(GoldenMismatch):
        AdaptedEncoder.load(1, str(folder)).verify()


def test_layers_that_are_not_those_of_the_golden_rows_do_not_load(made) -> None:
    folder = made("query")
    told = json.loads((folder / "encoder.json").read_text())
    file = io.BytesIO()
    np.savez(file, **packed({Modality.TEXT: adapter(strength=0.51)}))
    import hashlib

    (folder / "adapters.npz").write_bytes(file.getvalue())
    told["files"]["adapters.npz"] = hashlib.sha256(file.getvalue()).hexdigest()
    (folder / "encoder.json").write_text(json.dumps(told))
    with pytest.raises(GoldenMismatch, match="adapter of text"):
        AdaptedEncoder.load(1, str(folder))
