"""The built-in encoder: texts, pictures and sounds in one space, offline at once, from files that the package ships.

English texts go to MiniLM-L6, texts in other languages to multilingual-e5-small, pictures to EfficientNet-Lite2, sounds
to the network of aiSFX, all joined by heads that `sensorium.training` made; `weights/compact/MODEL_CARD.md` says from
what, how well it does and where its limits lie.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.banks import QueryBank
from sensorium.core.calibration import Calibration
from sensorium.core.contents import AudioInput, Content, ImageInput, Role
from sensorium.core.details import Details
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.encoders.bank import BANK, read_bank
from sensorium.encoders.golden import read_golden
from sensorium.encoders.languages import LANGUAGES, ByLanguage, EnglishOrNot, Spanning, Tower, read_odds
from sensorium.encoders.lexicon import Lexicon, is_whole_word
from sensorium.encoders.manifest import Manifest, read_manifest
from sensorium.encoders.towers import GRID, VECTORS, WORDS, ImageTower, TextTower, open_session

DETAILED: frozenset[tuple[Modality, Role]] = frozenset({(Modality.TEXT, "query"), (Modality.IMAGE, "piece")})
"""What is looked at closely: the words of a question and the cells of a picture that is kept."""

OTHERS = "text_many"
"""What the files of the tower of all languages but English are called."""

OTHER_WORDS = f"tokenizer_{OTHERS}.json"

SOUND = "sound.onnx"

GOLDEN = {Modality.TEXT: "text", Modality.IMAGE: "image", Modality.AUDIO: "sound"}
"""What the files of golden vectors are called by."""

WEIGHTS = Path(__file__).parent / "weights" / "compact"


class CompactEncoder:
    """Fits the port `DetailedEncoder`. A tower is loaded, and its golden vectors are checked, when it is first needed.

    May be shared by threads.
    """

    def __init__(self, manifest: Manifest, threads: int) -> None:
        self.space = manifest.space
        heard = manifest.preprocessing["audio"] if SOUND in manifest.files else None
        self.modalities = frozenset({Modality.TEXT, Modality.IMAGE} | ({Modality.AUDIO} if heard else set()))
        self.audio_input: AudioInput | None = None
        if heard is not None:
            seconds, hop = float(heard["seconds"]), float(heard["hop"])
            self.audio_input = AudioInput(rate=int(heard["rate"]), seconds=seconds, hop=hop)
        side = int(manifest.preprocessing["image"]["side"])
        self.image_input: ImageInput | None = ImageInput(width=side, height=side, fit="squash")
        self.details = manifest.late
        self._manifest = manifest
        self._threads = threads
        self._towers: dict[Modality, Tower] = {}
        self._loading = threading.Lock()

    @classmethod
    def load(cls, threads: int = 0, folder: Path | None = None) -> CompactEncoder:
        """The encoder whose files lie in `folder`, by default those that Sensorium ships.

        threads: of each tower; 0 takes every core that this process may use. Raises ModelDamaged.

        >>> CompactEncoder.load(threads=1).encode(Modality.TEXT, ["two dogs in the snow"], "query").shape
        (1, 512)
        """
        return cls(read_manifest(folder or WEIGHTS), threads)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """float32 [len(contents), space.width], unit rows. Both roles are the same to this encoder.

        Raises BadInput for another modality, for what is no text and for pixels that are not `image_input`'s;
        GoldenMismatch or ModelDamaged when the tower is loaded by this call and can not be trusted.
        """
        self._require(modality)
        if len(contents) == 0:
            return np.empty((0, self.space.width), np.float32)
        return self._tower(Modality(modality)).encode(contents)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """What `encode` gives, and the details of questions in words and of kept pictures. Raises what it raises."""
        self._require(modality)
        if self.details is None or (modality, role) not in DETAILED:
            return self.encode(modality, contents, role), None
        if len(contents) == 0:
            return np.empty((0, self.space.width), np.float32), ()
        return self._tower(Modality(modality)).encode_detailed(contents)

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Which characters of a question each row of its details stands for. Raises what `encode` raises."""
        tower = self._tower(Modality.TEXT)
        return tower.row_spans(text) if isinstance(tower, Spanning) else ()

    def verify(self) -> None:
        """Loads all towers and checks their golden vectors again. Raises GoldenMismatch or ModelDamaged."""
        for modality in sorted(self.modalities):
            tower = self._tower(modality)
            self._check(GOLDEN[modality], tower)
            if isinstance(tower, ByLanguage):
                self._check(OTHERS, tower.others)

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """How inner products become scores; fitted on pairs that training did not see. Raises BadInput."""
        return self._manifest.calibration(asked, found)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """How raw scores become scores after these looks; None where no curve was fitted for them."""
        return self._manifest.calibration_after(asked, found, looks)

    def query_bank(self, asked: Modality) -> QueryBank | None:
        """Questions of this modality, that hubs are told by; None where there are none. Raises ModelDamaged."""
        return self._banks.get(asked)

    def english_odds(self, text: str) -> float:
        """The logarithm of the odds that a text is English. Raises ModelDamaged."""
        return self._lexicon.english_odds(text)

    def knows_word(self, word: str, english: bool = True) -> bool:
        """Whether it is a common English word, or made of such words; else one of any language. Raises ModelDamaged."""
        if self._lexicon.knows(word):
            return True
        return not english and OTHER_WORDS in self._manifest.files and is_whole_word(self._other_words, word)

    def common_words_like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        """Common English words with this beginning of these lengths, the most frequent first. Raises ModelDamaged."""
        return self._lexicon.like(beginning, lengths)

    @cached_property
    def _lexicon(self) -> Lexicon:
        tokenizer = self._tokenizer("tokenizer.json")
        if LANGUAGES not in self._manifest.files:
            return Lexicon(tokenizer, None)
        odds = read_odds(self._manifest.read(LANGUAGES), tokenizer.get_vocab_size())
        return Lexicon(tokenizer, odds.astype(np.float32))

    @cached_property
    def _other_words(self) -> Any:
        return self._tokenizer(OTHER_WORDS)

    @cached_property
    def _banks(self) -> dict[Modality, QueryBank]:
        return read_bank(self._manifest.read(BANK), self.space.width) if BANK in self._manifest.files else {}

    def _require(self, modality: Modality) -> None:
        if modality not in self.modalities:
            raise BadInput(
                f"{self.space.name} does not encode {modality}", remedy=f"give {', '.join(sorted(self.modalities))}"
            )

    def _tower(self, modality: Modality) -> Tower:
        with self._loading:
            if modality not in self._towers:
                make: dict[Modality, Callable[[], Tower]] = {
                    Modality.TEXT: self._text_tower,
                    Modality.IMAGE: self._image_tower,
                    Modality.AUDIO: self._sound_tower,
                }
                tower = make[modality]()
                self._check(GOLDEN[modality], tower)
                self._towers[modality] = tower
            return self._towers[modality]

    def _check(self, name: str, tower: Tower) -> None:
        golden = read_golden(self._manifest.read(f"golden_{name}.npz"), f"golden_{name}.npz")
        golden.check_detailed(tower.encode_detailed, self._manifest.golden_tolerance, f"{self.space.id} {name}")

    def _text_tower(self) -> Tower:
        tokenizer = self._tokenizer("tokenizer.json")
        english = self._tower_of_texts("text.onnx", tokenizer)
        if LANGUAGES not in self._manifest.files:
            return english
        odds = read_odds(self._manifest.read(LANGUAGES), tokenizer.get_vocab_size())
        return ByLanguage(english, self._others, EnglishOrNot(tokenizer, odds))

    def _others(self) -> Tower:
        """The tower of texts that are no English, checked."""
        tower = self._tower_of_texts(f"{OTHERS}.onnx", self._other_words)
        self._check(OTHERS, tower)
        return tower

    def _tower_of_texts(self, model: str, tokenizer: Any) -> Tower:
        session = open_session(self._manifest.read(model), self._threads, self._outputs(WORDS))
        max_tokens = int(self._manifest.preprocessing["text"]["max_tokens"])
        return TextTower(session, tokenizer, max_tokens, self.space.width, self.details)

    def _tokenizer(self, name: str) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_buffer(self._manifest.read(name))
        # The file may ask for a fixed length; windows and padding are the tower's own business.
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def _image_tower(self) -> Tower:
        session = open_session(self._manifest.read("image.onnx"), self._threads, self._outputs(GRID))
        return ImageTower(session, int(self._manifest.preprocessing["image"]["side"]), self.space.width, self.details)

    def _sound_tower(self) -> Tower:
        from sensorium.encoders.sound import SoundTower

        return SoundTower(open_session(self._manifest.read(SOUND), self._threads, (VECTORS,)), self.space.width)

    def _outputs(self, details: str) -> tuple[str, ...]:
        return (VECTORS,) if self.details is None else (VECTORS, details)
