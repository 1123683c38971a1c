"""Every arranger passes the contract."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sensorium.answerers.chat import Chat
from sensorium.answerers.listwise import ListRanker
from sensorium.answerers.server import Address, Server
from sensorium.core.budgets import Budget
from sensorium.core.candidates import Ranked
from sensorium.core.ports import Arranger
from sensorium.core.settings import Settings
from sensorium.ranking.learned import LearnedRanker
from sensorium.ranking.model import RankerModel
from sensorium.ranking.trees import Forest
from sensorium.rerankers.cross import CrossEncoder, CrossRanker
from sensorium.search.arranging.careful import Careful
from sensorium.testing.arranger_contract import ArrangerContract
from sensorium.testing.lists import ranked
from sensorium.testing.model_server import Script, model_server

GRAPH = Path(__file__).resolve().parents[1] / "unit" / "rerankers" / "cross.onnx"


@pytest.fixture
def hits() -> Sequence[Ranked]:
    return [ranked(1, "a cat"), ranked(2, "a red dog"), ranked(3, "a dog"), ranked(4, "blue")]


def learned() -> LearnedRanker:
    forest = Forest.of([[[0, 0.5, 2, 1, 1, 2], [0.0], [1.0]]], 1)
    return LearnedRanker(RankerModel(features=("words_share",), forest=forest, depth=50, space="a", importances=(1.0,)))


class TestLearnedRanker(ArrangerContract):
    @pytest.fixture
    def arranger(self) -> Arranger:
        return learned()


class TestCrossRanker(ArrangerContract):
    @pytest.fixture
    def arranger(self, tmp_path: Path) -> Arranger:
        from tokenizers import Tokenizer, models, pre_tokenizers, processors

        words = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dog", "red", "cat", "blue")
        tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        pair = "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair=pair, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        tokenizer.save(str(tmp_path / "tokenizer.json"))
        (tmp_path / "config.json").write_text('{"num_labels": 1}')
        (tmp_path / "onnx").mkdir()
        shutil.copy(GRAPH, tmp_path / "onnx" / "model.onnx")
        return CrossRanker(encoder=CrossEncoder.open(tmp_path, 1), depth=50, budget=Budget())


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
class TestListRanker(ArrangerContract):
    @pytest.fixture
    def arranger(self) -> Iterator[Arranger]:
        with model_server(Script(lines=["[2, 3, 1, 4]"])) as url:
            chat = Chat(Settings(answer_model="m"), Server(address=Address.read(url), retries=0))
            yield ListRanker(chat=chat, depth=50, budget=Budget())


class TestCareful:
    """It is for one search, so it is asked but once; what it keeps of its arranger is told in its own tests."""

    def test_it_orders_as_the_other_one_does(self, hits: Sequence[Ranked]) -> None:
        from sensorium.testing.lists import asked

        assert Careful("learned", learned()).arrange(asked(), hits) == learned().arrange(asked(), hits)
