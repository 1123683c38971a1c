"""From pairs to a folder, over a stand-in for the base."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium import plugins
from sensorium.adapting.folder import adapted_below, affected_by
from sensorium.adapting.learn import Recipe
from sensorium.adapting.pairs import Pair, PairFile
from sensorium.adapting.train import TrainOptions, Watching, train
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.encoders.layered import AdaptedEncoder
from sensorium.ingest.encode import Stopped
from sensorium.plugins import load as load_plugin

RECIPE = Recipe(kind="linear", rate=0.02, stay=0.0, scale=20.0, epochs=15, patience=15)
WORDS = ("crimson", "navy", "lime")


@pytest.fixture(autouse=True)
def base(monkeypatch, ports) -> None:
    """What the setting `hash` names."""
    monkeypatch.setattr(plugins, "load_encoder", lambda setting, threads=0: ports.encoder)


@pytest.fixture
def shop(tmp_path: Path) -> PairFile:
    """Ninety pictures of three colours, in words of which the base knows nothing."""
    folder = tmp_path / "shop"
    folder.mkdir()
    pairs = []
    for number in range(90):
        colour = [10, 10, 10]
        colour[(0, 2, 1)[number % 3]] = 150 + number
        (folder / f"{number}.png").write_text(" ".join(map(str, colour)))
        text = f"{WORDS[number % 3]} thing {number // 3}"
        pairs.append(Pair(place=f"line {number}", picture=f"{number}.png", text=text, source=f"catalogue:s/{number}"))
    return PairFile(folder=folder.resolve(), pairs=tuple(pairs))


def options(tmp_path: Path, **changed) -> TrainOptions:
    return TrainOptions(**{"out": tmp_path / "mine", "base": "hash", "recipe": RECIPE, **changed})


def loaded(tmp_path: Path) -> AdaptedEncoder:
    return AdaptedEncoder.load(1, str(tmp_path / "mine"))


def test_what_was_learned_is_what_is_loaded(shop, ports, tmp_path) -> None:
    report = train(shop, ports, options(tmp_path), Watching())
    assert (report.refusal, report.folder) == ("", tmp_path / "mine")
    encoder = loaded(tmp_path)
    encoder.verify()
    asked = encoder.encode(Modality.TEXT, ["crimson thing 99"], "query")
    seen = ports.encoder.encode(
        Modality.IMAGE, [np.full((8, 8, 3), colour, np.uint8) for colour in ((180, 9, 9), (9, 9, 180))], "piece"
    )
    assert (asked @ seen.T)[0].argmax() == 0
    before = ports.encoder.encode(Modality.TEXT, ["crimson thing 99"], "query") @ seen.T
    assert (asked @ seen.T)[0, 0] > before[0, 0]
    assert not list(tmp_path.glob("*.unfinished"))


def test_the_folder_says_what_it_is_and_nothing_of_anybody_s_words(shop, ports, tmp_path) -> None:
    train(shop, ports, options(tmp_path), Watching())
    told = json.loads((tmp_path / "mine" / "encoder.json").read_text())
    assert (told["base"], told["side"], told["forced"]) == ("hash", "query", False)
    assert sum(told["parts"].values()) == 90
    card = (tmp_path / "mine" / "card.md").read_text()
    assert "Promoted" in card
    assert "pairs kept out | text -> image" in card
    for file in (tmp_path / "mine").iterdir():
        data = file.read_bytes()
        assert not [word for word in (b"crimson", b"0.png", str(tmp_path).encode()) if word in data], file.name


def test_with_no_pairs_every_vector_is_the_base_s_to_the_byte(ports, tmp_path) -> None:
    none = PairFile(folder=tmp_path, pairs=())
    for side in ("query", "both"):
        report = train(none, ports, options(tmp_path, recipe=replace(RECIPE, side=side)), Watching())
        assert (report.best, report.refusal) == (0, "")
        encoder = loaded(tmp_path)
        assert encoder.space == ports.encoder.space
        for modality, contents in (
            (Modality.TEXT, ["a red dog", "", "navy"]),
            (Modality.IMAGE, [np.zeros((8, 8, 3), np.uint8)]),
        ):
            for role in ("query", "piece"):
                ours, theirs = (each.encode(modality, contents, role) for each in (encoder, ports.encoder))
                assert ours.tobytes() == theirs.tobytes()


def spoilt(monkeypatch) -> None:
    """What is learned turns everything round."""
    from sensorium.adapting import train as module
    from sensorium.encoders.adapters import Adapter

    def learn(pairs, judged, recipe, **how):
        outcome = learned(pairs, judged, recipe, **how)
        width = pairs.texts.shape[1]
        arrays = {"weight": -2 * np.eye(width, dtype=np.float32), "bias": np.zeros(width, np.float32)}
        return replace(outcome, adapters={Modality.TEXT: Adapter(kind="linear", arrays=arrays)})

    learned = module.learn
    monkeypatch.setattr(module, "learn", learn)


@pytest.fixture
def known(shop, tmp_path) -> PairFile:
    """The same pictures in words that the base knows."""
    names = ("red", "blue", "green")
    pairs = [replace(pair, text=f"{names[n % 3]} {n}") for n, pair in enumerate(shop.pairs)]
    return replace(shop, pairs=tuple(pairs))


def test_what_is_worse_is_not_written(known, ports, tmp_path, monkeypatch) -> None:
    spoilt(monkeypatch)
    report = train(known, ports, options(tmp_path), Watching())
    assert "it is worse on pairs kept out" in report.refusal
    assert report.folder is None
    assert not (tmp_path / "mine").exists()


def test_force_writes_it_and_the_card_says_so(known, ports, tmp_path, monkeypatch) -> None:
    spoilt(monkeypatch)
    report = train(known, ports, options(tmp_path, force=True), Watching())
    assert report.folder is not None
    assert "Not promoted, and written because" in (tmp_path / "mine" / "card.md").read_text()
    assert json.loads((tmp_path / "mine" / "encoder.json").read_text())["forced"] is True


def test_what_was_stopped_goes_on_to_the_same_end(shop, ports, tmp_path) -> None:
    train(shop, ports, options(tmp_path, out=tmp_path / "whole"), Watching())
    stop, epochs = threading.Event(), []

    def learned(epoch, best) -> None:
        epochs.append(epoch.number)
        if len(epochs) == 4:
            stop.set()

    first = train(shop, ports, options(tmp_path), Watching(learned=learned, stop=stop))
    assert (first.is_whole, first.folder, len(first.curve)) == (False, None, 5)
    second = train(shop, ports, options(tmp_path), Watching(learned=lambda epoch, best: epochs.append(epoch.number)))
    assert second.is_whole
    assert epochs[4] == 5
    one, other = ((tmp_path / name / "adapters.npz").read_bytes() for name in ("whole", "mine"))
    assert one == other


def test_what_is_stopped_while_pictures_are_encoded_leaves_nothing(shop, ports, tmp_path) -> None:
    stop = threading.Event()
    with pytest.raises(Stopped):
        train(shop, ports, options(tmp_path), Watching(decoded=lambda done, total: stop.set(), stop=stop))
    assert not list(tmp_path.glob("mine*"))


def test_a_folder_of_something_else_is_not_written_over(shop, ports, tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("mine")
    with pytest.raises(BadInput, match="no adapted encoder"):
        train(shop, ports, options(tmp_path), Watching())
    assert (tmp_path / "mine" / "diary.txt").read_text() == "mine"


def test_what_an_item_had_a_part_in_is_found_by_its_hash_or_by_its_row(shop, ports, tmp_path) -> None:
    report = train(shop, ports, options(tmp_path), Watching())
    folders = list(adapted_below(tmp_path))
    assert folders == [tmp_path / "mine"]
    assert affected_by(folders, [report.curated.hashes[5]]) == folders
    assert affected_by(folders, [], ["catalogue:s/7"]) == folders
    assert affected_by(folders, ["ab" * 32], ["catalogue:s/700"]) == []


@pytest.mark.parametrize("damage", ["{}", "nonsense", None], ids=["emptied", "damaged", "gone"])
def test_a_lineage_that_can_not_be_trusted_affects_everything(shop, ports, tmp_path, damage) -> None:
    train(shop, ports, options(tmp_path), Watching())
    lineage = tmp_path / "mine" / "lineage.json"
    if damage is None:
        lineage.unlink()
    else:
        lineage.write_text(damage)
    assert affected_by([tmp_path / "mine"], ["ab" * 32]) == [tmp_path / "mine"]


def test_scores_are_told_how_random_pairs_lie_now(shop, ports, tmp_path) -> None:
    many = replace(shop, pairs=tuple(replace(p, text=f"{p.text} {n}") for n, p in enumerate(shop.pairs * 3)))
    report = train(many, ports, options(tmp_path), Watching())
    encoder = loaded(tmp_path)
    ours, theirs = (each.calibration(Modality.TEXT, Modality.IMAGE) for each in (encoder, ports.encoder))
    assert (ours.mean, ours.deviation) != (theirs.mean, theirs.deviation)
    assert encoder.calibration(Modality.TEXT, Modality.TEXT) == ports.encoder.calibration(Modality.TEXT, Modality.TEXT)
    assert report.errors is not None


def protected(folder: Path, words: tuple[str, str, str]) -> Path:
    """A suite in which words ask for pictures of red, blue and green."""
    (folder / "suite").mkdir()
    rows = ["image\tcaption"]
    for number in range(30):
        colour = [10, 10, 10]
        colour[(0, 2, 1)[number % 3]] = 100 + number
        (folder / "suite" / f"{number}").write_text(" ".join(map(str, colour)))
        rows.append(f"{number}\t{words[number % 3]}")
    (folder / "suite" / "captions.tsv").write_text("\n".join(rows) + "\n")
    (folder / "suite" / "suite.toml").write_text('kind = "pairs"\nname = "old words"\ntable = "captions.tsv"\n')
    return folder / "suite" / "suite.toml"


@pytest.fixture
def searching(ports):
    """Ports with an index: suites are asked of one."""
    return replace(ports, indexes=load_plugin("sensorium.indexes", "faiss")())


def test_a_protected_suite_that_gets_worse_refuses_the_promotion(shop, searching, tmp_path, monkeypatch) -> None:
    spoilt(monkeypatch)
    suite = protected(tmp_path, ("red", "blue", "green"))
    report = train(shop, searching, options(tmp_path, protect=(suite,)), Watching())
    assert "it is worse on old words, text -> image" in report.refusal
    assert not (tmp_path / "mine").exists()


def test_a_protected_suite_that_stays_as_it_was_refuses_nothing(shop, searching, tmp_path) -> None:
    suite = protected(tmp_path, ("red", "blue", "green"))
    careful = replace(RECIPE, epochs=1, rate=1e-4)
    report = train(shop, searching, options(tmp_path, protect=(suite,), recipe=careful), Watching())
    told = {(verdict.suite, verdict.task) for verdict in report.verdicts}
    assert {("old words", "text -> image"), ("old words", "image -> text")} <= told
    assert report.refusal == ""
    assert "old words" in (tmp_path / "mine" / "card.md").read_text()


def test_a_suite_that_can_not_be_read_ends_it_before_anything_is_learned(shop, ports, tmp_path) -> None:
    with pytest.raises(BadInput):
        train(shop, ports, options(tmp_path, protect=(tmp_path / "none.toml",)), Watching())
    assert not list(tmp_path.glob("mine*"))
