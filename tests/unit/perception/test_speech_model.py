"""The real models, where the extra `speech` and a package with a model are installed: on read speech and on noise."""

import itertools
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sensorium.core.contents import Track
from sensorium.core.errors import ExtraMissing
from sensorium.core.settings import Settings
from sensorium.evaluation.speech import word_error_rate
from sensorium.perception.listening import SpeechPerceiver
from sensorium.perception.speech import SpeechRecogniser, available
from sensorium.perception.speech_options import WhisperOptions
from sensorium.perception.voice_activity import VoiceActivity, find_model
from sensorium.readers.guarded import SandboxedReader

SPEECH = Path(__file__).resolve().parents[3] / "demo" / "media" / "speech"
SAID = "produced the block books, which were the immediate predecessors of the true printed book,"
RATE = 16_000

try:
    find_model()
except ExtraMissing as reason:
    pytest.skip(str(reason), allow_module_level=True)

NOISES = {
    "white noise": np.random.default_rng(0).normal(0, 3_000, 8 * RATE),
    "a chord": 3_000 * np.sin(np.outer([220, 277, 330], 2 * np.pi * np.arange(8 * RATE) / RATE)).sum(axis=0),
    "silence": np.zeros(8 * RATE),
}


@pytest.fixture(scope="module")
def samples():
    """Somebody who reads, after two seconds of silence."""
    av = pytest.importorskip("av")
    if not SPEECH.is_dir():
        pytest.skip("the demo holds no speech")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(SPEECH / "printing-4.ogg")) as container:
        frames = itertools.chain(container.decode(audio=0), [None])
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    return np.concatenate([np.zeros(2 * RATE, np.int16), *parts]).astype(np.int16)


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory):
    missing = available()
    if missing is not None:
        pytest.skip(missing)
    with SpeechRecogniser.load(options=WhisperOptions(threads=1), cache=tmp_path_factory.mktemp("models")) as found:
        yield found


@pytest.mark.parametrize("noise", NOISES)
def test_noise_is_no_speech(noise):
    assert VoiceActivity.load().speech(np.asarray(NOISES[noise], np.int16)) == ()


def test_speech_is_found_where_it_is(samples):
    found = VoiceActivity.load().speech(samples)
    assert 1.5 < found[0][0] < 2.5
    assert found[-1][1] > len(samples) / RATE - 1
    assert sum(end - start for start, end in found) > 0.8 * (len(samples) / RATE - 2)


def test_what_is_read_is_written_down(recogniser, samples):
    said = recogniser.listen(samples)
    assert word_error_rate(SAID, " ".join(utterance.text for utterance in said)) <= 0.2
    assert {utterance.language for utterance in said} == {"en"}
    assert all(0.3 < utterance.confidence <= 1 for utterance in said)


def test_words_follow_each_other_on_the_clock_of_the_media(recogniser, samples):
    words = [word for utterance in recogniser.listen(samples, start=60.0) for word in utterance.words]
    assert 61.5 < words[0].start < 62.8
    assert words[-1].end <= 60 + len(samples) / RATE
    assert all(a.start <= a.end <= b.end for a, b in itertools.pairwise(words))


def test_the_same_samples_give_the_same_text(recogniser, samples):
    assert recogniser.listen(samples) == recogniser.listen(samples)


def test_the_producer_names_the_bytes_of_the_model(recogniser):
    assert re.fullmatch(r"[0-9a-f]{64}", recogniser.producer.digest)


def test_the_process_is_shut_in_as_far_as_that_of_readers(recogniser):
    with closing(SandboxedReader(Settings())) as reader:
        assert recogniser.level == reader.level


def test_the_parent_imports_no_decoder_and_no_model(recogniser, samples, tmp_path):
    samples.tofile(tmp_path / "samples")
    program = f"""
import sys
import numpy as np
from sensorium.core.contents import Document, Track
from sensorium.core.items import Modality, Producer
from sensorium.core.settings import Settings
from sensorium.perception.listening import SpeechPerceiver
perceiver = SpeechPerceiver.load(Settings(threads=1), required=True)
track = Track(samples=np.fromfile({str(tmp_path / "samples")!r}, np.int16), rate=16_000)
said = perceiver.transcript(track)
perceiver.close()
unwanted = ("av", "faster_whisper", "ctranslate2", "tokenizers", "huggingface_hub")
print([name for name in unwanted if name in sys.modules], "block books" in said)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[] True"


def test_the_producer_is_the_same_before_and_after_the_model_is_loaded(samples):
    perceiver = SpeechPerceiver.load(Settings(threads=1))
    if perceiver is None:
        pytest.skip("speech is not installed whole")
    with closing(perceiver):
        before = perceiver.producer
        document = SimpleNamespace(track=Track(samples=samples, rate=RATE))
        assert {piece.producer for piece in perceiver.perceive(document)} == {before}
