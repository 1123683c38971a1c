"""The sound tower's training on made signals: what is prepared, what is learnt, what is written."""

import json
import random
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.core.contents import Samples  # noqa: E402
from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.golden import read_golden  # noqa: E402
from sensorium.encoders.sound import BLOCK, RATE, SoundTower, blocks_of  # noqa: E402
from sensorium.encoders.towers import open_session  # noqa: E402
from sensorium.training.sound import curves as sound_curves  # noqa: E402
from sensorium.training.sound import fitted as sound_fitted  # noqa: E402
from sensorium.training.sound import make as sound  # noqa: E402
from sensorium.training.sound import packages as sound_packages  # noqa: E402
from sensorium.training.sound import publish as sound_publish  # noqa: E402
from sensorium.training.sound.audio import loud_blocks, mixed, narrowed, resampled  # noqa: E402
from sensorium.training.sound.data import Heard, balanced, coloured, disturbed, some_of_each  # noqa: E402
from sensorium.training.sound.head import (  # noqa: E402
    SoundHead,
    SoundLessons,
    SoundRecipe,
    fit_sound_head,
    name_loss,
    sharpened,
)
from sensorium.training.sound.packages import PackageSound  # noqa: E402
from sensorium.training.sound.trunk import SoundTrunk, fold_norms  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402

PLAN = SpacePlan(shared=6, text=4, image=3)


def tone(hertz: float, samples: int = RATE) -> Samples:
    return np.rint(12_000 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)).astype(np.int16)


@pytest.fixture(scope="module")
def trunk() -> SoundTrunk:
    torch.manual_seed(0)
    made = SoundTrunk()
    for block in made.blocks:
        for norm in (block.bn1, block.bn2):
            norm.running_mean.uniform_(-0.1, 0.1)
            norm.running_var.uniform_(0.5, 1.5)
    return made.eval()


def power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


@pytest.mark.parametrize("decibels", [0.0, 10.0, 20.0])
def test_noise_is_mixed_in_at_the_asked_distance(decibels: float) -> None:
    quiet = tone(1_000) // 4
    noise = mixed(quiet, coloured(len(quiet), random.Random(1), "white"), decibels).astype(np.float64) - quiet
    assert 10 * np.log10(power(quiet) / np.mean(noise**2)) == pytest.approx(decibels, abs=0.1)


def test_a_mixture_that_is_too_loud_is_scaled_and_not_cut() -> None:
    loud = np.tile(np.array([32_000, -32_000], np.int16), 500)
    found = mixed(loud, loud, 0.0)
    assert len(np.unique(found)) == 2
    assert np.abs(found.astype(int)).max() <= 32_767


def test_what_is_above_the_band_is_gone_and_what_is_below_stays() -> None:
    low, high = tone(1_000), tone(12_000)
    found = narrowed(low + high, 8_000.0)
    assert np.abs(found.astype(int) - low).max() <= 2


def test_another_rate_keeps_the_pitch() -> None:
    found = resampled(tone(1_000), RATE, 16_000)
    spectrum = np.abs(np.fft.rfft(found[:16_000].astype(float)))
    assert abs(int(spectrum.argmax()) - 1_000) <= 2


def test_blocks_far_below_the_loudest_are_not_taken() -> None:
    samples = np.concatenate([tone(500, 1_000), tone(500, 1_000) // 500, tone(900, 1_000)])
    assert [len(part) for part in loud_blocks(samples, 1_000, 3)] == [1_000, 1_000]


@pytest.mark.parametrize(("colour", "fall"), [("white", 0), ("pink", 10), ("brown", 20)])
def test_noise_falls_by_its_colour_s_decibels_a_decade(colour: str, fall: float) -> None:
    spectrum = np.abs(np.fft.rfft(coloured(1 << 17, random.Random(3), colour).astype(float))) ** 2
    low, high = spectrum[800:1_250].mean(), spectrum[8_000:12_500].mean()
    assert 10 * np.log10(low / high) == pytest.approx(fall, abs=1)


def test_a_disturbance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    def one(seed: int) -> Samples:
        return disturbed(tone(700), lambda draw: tone(50), random.Random(seed))

    assert np.array_equal(one(5), one(5))
    assert len({one(seed).tobytes() for seed in range(8)}) > 2


def test_no_package_and_no_class_outweighs_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensorium.training.sound.data.OF_PACKAGE", 3)
    sounds = [PackageSound(Path(f"{n}.ogg"), "a" if n < 9 else "b", "") for n in range(11)]
    assert sorted(sound.package for sound in some_of_each(sounds, 0)) == ["a", "a", "a", "b", "b"]
    heard = [Heard(sounds[0], n, np.eye(4, dtype=np.float32)[min(n, 3)]) for n in range(9)]
    assert sorted(int(one.scores.argmax()) for one in balanced(heard, 0, most=2)) == [0, 1, 2, 3, 3]


def test_sounds_come_out_of_packages_archives_and_resources(tmp_path: Path) -> None:
    wave = b"RIFF" + struct.pack("<I", 8) + b"WAVE" + b"data"
    with zipfile.ZipFile(tmp_path / "a.pk3", "w") as archive:
        archive.writestr("sound/dog.ogg", b"OggS1")
        archive.writestr("maps/dog.txt", b"no")
    (tmp_path / "b.cat").write_bytes(b"\x01\x00" + wave + wave)
    (tmp_path / "c.rcc").write_bytes(resources({"cow.ogg": b"OggS2", "cat.wav": b"RIFF3"}))
    (tmp_path / "horse.ogg").write_bytes(b"OggS4")
    with tarfile.open(tmp_path / "all.tar", "w") as files:
        for path in sorted(tmp_path.glob("*.*")):
            if path.suffix != ".tar":
                files.add(path, path.name)
    with tarfile.open(tmp_path / "all.tar") as files:
        found = dict(sound_packages._sounds_of(files))
    assert {name.rpartition("/")[2]: data for name, data in found.items()} == {
        "dog.ogg": b"OggS1",
        "0.wav": wave,
        "1.wav": wave,
        "cow.ogg": b"OggS2",
        "cat.wav": b"RIFF3",
        "horse.ogg": b"OggS4",
    }


def resources(members: dict[str, bytes]) -> bytes:
    """A resource file of Qt, version 1: the root folder and its files, the first one packed."""
    names, contents, nodes = b"", b"", [struct.pack(">IHII", 0, 2, len(members), 1)]
    for number, (name, data) in enumerate(members.items()):
        stored = struct.pack(">I", len(data)) + zlib.compress(data) if number == 0 else data
        nodes.append(struct.pack(">IHHHI", len(names), int(number == 0), 0, 0, len(contents)))
        names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
        contents += struct.pack(">I", len(stored)) + stored
    tree = b"".join(nodes)
    return (
        struct.pack(">4s4I", b"qres", 1, 20, 20 + len(tree), 20 + len(tree) + len(contents)) + tree + contents + names
    )


def test_folding_the_norms_changes_nothing(trunk: SoundTrunk) -> None:
    import copy

    folded = copy.deepcopy(trunk)
    fold_norms(folded)
    blocks = torch.from_numpy(blocks_of(tone(900, 2 * BLOCK)))
    with torch.inference_mode():
        assert torch.allclose(trunk(blocks), folded(blocks), atol=1e-4)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())


def test_shares_of_the_teacher_sum_to_one_without_silence() -> None:
    found = sharpened(np.random.default_rng(0).random((5, 7), dtype=np.float32), silence=3)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found[:, 3] == 0).all()


def test_the_loss_is_nothing_where_the_softmax_is_the_target() -> None:
    block = torch.nn.functional.normalize(torch.randn(3, 5), dim=1)
    names = torch.nn.functional.normalize(torch.randn(4, 5), dim=1)
    recipe = SoundRecipe(pull=0.0, scale=7.0)
    target = torch.softmax(7.0 * block @ names.T, dim=1)
    assert abs(float(name_loss(block, names, target, torch.ones(3), recipe))) < 1e-5
    assert float(name_loss(block, names, target.roll(1, 1), torch.ones(3), recipe)) > 1e-3


def lessons(seed: int = 0) -> SoundLessons:
    """Three kinds of features, each named by one of three names."""
    draw = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(3), 40)
    features = np.eye(3, 8, dtype=np.float32)[kinds] + 0.1 * draw.standard_normal((120, 8)).astype(np.float32)
    prompts = draw.standard_normal((2, 3, PLAN.width)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[kinds]
    return SoundLessons(features=features, targets=targets, weights=np.ones(120, np.float32), prompts=prompts)


def test_a_head_learns_to_lie_where_the_names_lie() -> None:
    taught = lessons()
    head = fit_sound_head(taught, PLAN, SoundRecipe(hidden=16, epochs=80, batch=30, dropout=0.0))
    with torch.inference_mode():
        found = head(torch.from_numpy(taught.features)).numpy()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found[:, -PLAN.image :] == 0).all()
    names = taught.prompts[0, :, :6]
    raw = found[:, :6] @ (names / np.linalg.norm(names, axis=1, keepdims=True)).T
    assert (raw.argmax(axis=1) == taught.targets.argmax(axis=1)).mean() > 0.95


def test_the_same_lessons_give_the_same_head() -> None:
    one, other = (fit_sound_head(lessons(), PLAN, SoundRecipe(hidden=4, epochs=2)) for _ in range(2))
    assert torch.equal(one.first.weight, other.first.weight)


@pytest.fixture(scope="module")
def published(trunk: SoundTrunk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    sound_publish.publish_sound(trunk, SoundHead(512, 8, PLAN, 0.5).eval(), out)
    return out


def test_the_published_model_gives_the_golden_vectors(published: Path) -> None:
    golden = read_golden((published / sound_publish.GOLDEN).read_bytes(), "golden_sound.npz")
    session = open_session((published / sound_publish.MODEL).read_bytes(), 1)
    golden.check(SoundTower(session, PLAN.width).encode, 1e-4, "sound")
    assert all(content.dtype == np.int16 for content in golden.contents if isinstance(content, np.ndarray))


def test_the_published_model_takes_any_number_of_blocks(published: Path) -> None:
    tower = SoundTower(open_session((published / sound_publish.MODEL).read_bytes(), 1), PLAN.width)
    vectors = tower.encode([tone(300, 999), tone(300, 3 * BLOCK)])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_joining_names_files_input_and_curves_and_keeps_the_rest(published: Path) -> None:
    (published / "manifest.json").write_text(
        json.dumps({"files": {"text.onnx": "ab"}, "preprocessing": {"text": {}}, "calibrations": {"text->text": {}}})
    )
    sound.join(published, {"text->audio": {"mean": 0.0}})
    manifest = json.loads((published / "manifest.json").read_text())
    assert set(manifest["files"]) == {"text.onnx", "sound.onnx", "golden_sound.npz"}
    assert manifest["preprocessing"]["audio"] == {"rate": RATE, "seconds": 5.0, "hop": 2.5}
    assert set(manifest["calibrations"]) == {"text->text", "text->audio"}


def test_curves_rise_and_score_right_pairs_higher() -> None:
    draw = np.random.default_rng(0)
    right = draw.random((60, 80)) < 0.1
    raw = (draw.standard_normal((60, 80)) * 0.1 + 0.4 * right).astype(np.float32)
    pair = (Modality.TEXT, Modality.AUDIO)
    part = sound_curves.Judged(raw=raw, right=right, judged=np.ones_like(right))
    curve = sound_curves.sound_curves({pair: [part]}, {pair: raw[~right]})["text->audio"]
    assert curve.score(0.5) > 10 * curve.score(0.0)
    assert 0 < curve.cut < 1
    assert curve.gallery > 0


def test_questions_without_an_answer_lower_the_scores_of_the_best_hits() -> None:
    draw = np.random.default_rng(0)
    right = draw.random((60, 80)) < 0.1
    raw = (draw.standard_normal((60, 80)) * 0.1 + 0.2 * right).astype(np.float32)
    stray = (draw.standard_normal((600, 80)) * 0.1).astype(np.float32)
    pair = (Modality.IMAGE, Modality.AUDIO)
    part = sound_curves.Judged(raw=raw, right=right, judged=np.ones_like(right))
    every = sound_curves.Judged(
        raw=np.vstack([raw, stray]),
        right=np.vstack([right, np.zeros((600, 80), np.bool_)]),
        judged=np.ones((660, 80), np.bool_),
    )
    known, asked = (sound_curves.sound_curves({pair: [one]}, {pair: stray})["image->audio"] for one in (part, every))
    assert asked.score(0.25) < 0.5 * known.score(0.25)


def test_of_the_right_answers_of_a_question_one_is_kept_each_time_another() -> None:
    raw = np.linspace(1, 0, 12, dtype=np.float32)[None, :]
    right = np.arange(12)[None, :] < 8
    judged = sound_curves.Judged(raw=raw, right=right, judged=np.ones_like(right))
    found = sound_curves.answers((Modality.TEXT, Modality.AUDIO), [judged])
    assert len(found.raw) == sound_curves.LOTS
    assert found.right.sum(axis=1).tolist() == [1] * sound_curves.LOTS
    assert found.right_answers.tolist() == [1] * sound_curves.LOTS
    assert len({row[flags][0] for row, flags in zip(found.raw, found.right, strict=True)}) > 1
    assert set(found.groups.tolist()) == {0}


def test_what_nobody_knows_is_not_in_the_lists() -> None:
    raw = np.array([[0.9, 0.8, 0.7]], np.float32)
    judged = sound_curves.Judged(
        raw=raw, right=np.array([[True, False, False]]), judged=np.array([[True, False, True]])
    )
    found = sound_curves.answers((Modality.TEXT, Modality.AUDIO), [judged])
    np.testing.assert_allclose(found.raw[0, :2], [0.9, 0.7], atol=1e-6)
    assert np.isnan(found.raw[0, 2:]).all()


def test_sounds_are_alike_when_half_of_their_kinds_are() -> None:
    right = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]], bool)
    alike, sure = sound_fitted.likeness(right, right)
    assert alike.tolist() == [[False, True, False, False], [True, False, False, False], [False] * 4, [False] * 4]
    assert not sure[3].any()
    assert not sure.diagonal().any()
