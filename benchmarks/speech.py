"""`python -m benchmarks.speech DATA --work FOLDER`: how well speech is written down and voices are told apart.

DATA holds `speech/meta.tsv` (file, set, speaker, text) and, if its noises are wanted, `esc10/meta.tsv` (file, class).
What was heard is kept in FOLDER, a line a file, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sensorium.core.contents import Samples
from sensorium.core.spaces import Vectors
from sensorium.evaluation.speakers import coverage, equal_error, purity
from sensorium.evaluation.speech import corpus_word_error_rate, word_errors
from sensorium.perception.speaker_clusters import SAME_ITEM, SAME_PERSON, cluster
from sensorium.perception.speakers import SpeakerEncoder
from sensorium.perception.speech_engine import WhisperRecogniser
from sensorium.perception.speech_models import locate
from sensorium.perception.speech_options import WhisperOptions
from sensorium.perception.voice_activity import RATE, VoiceActivity

Row = dict[str, str]
SHORT = (1, 2, 3, 5)
"""Seconds that utterances are cut to, to see what a voice needs."""
TALKS, MOST_PEOPLE, TURNS = 200, 5, 6
"""Conversations that are joined of utterances: of 1 to `MOST_PEOPLE` speakers, `TURNS` utterances each."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speech", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", default="", help="as for speech_models.locate")
    parser.add_argument("--every", type=int, default=1, help="listen to each nth file alone: it takes its time")
    parser.add_argument("--only", choices=("words", "noise", "voices"))
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    if chosen.only in (None, "words"):
        words(chosen.data / "speech", chosen.work, chosen.model, chosen.every)
    if chosen.only in (None, "noise"):
        noise(chosen.data / "esc10", chosen.work, chosen.model, chosen.every)
    if chosen.only in (None, "voices"):
        voices(chosen.data / "speech")


def words(data: Path, work: Path, model: str, every: int) -> None:
    """Prints the word error rate of each set."""
    rows = table(data / "meta.tsv")[::every]
    heard = listened(data, rows, work, model)
    print(
        "| set | utterances | words | word error rate | substituted, deleted, inserted | RTF |\n" + "| --- " * 6 + "|"
    )
    for name in sorted({row["set"] for row in rows}):
        of_set = [row for row in rows if row["set"] == name]
        errors = [word_errors(row["text"], heard[row["file"]]["text"]) for row in of_set]
        kinds = [sum(getattr(one, kind) for one in errors) for kind in ("substituted", "deleted", "inserted")]
        took, long = (sum(float(heard[row["file"]][key]) for row in of_set) for key in ("cpu", "seconds"))
        total = sum(one.words for one in errors)
        print(f"| {name} | {len(errors)} | {total} | {corpus_word_error_rate(errors)} | {kinds} | {took / long:.2f} |")


def noise(data: Path, work: Path, model: str, every: int) -> None:
    """Prints for each class of sounds without words in how many clips something was written down."""
    rows = table(data / "meta.tsv")[::every]
    heard = listened(data, rows, work, model)
    for name in sorted({row["class"] for row in rows}):
        texts = [heard[row["file"]]["text"] for row in rows if row["class"] == name]
        print(f"| {name} | {len(texts)} | {sum(map(bool, texts))} | {' / '.join(filter(None, texts))[:80]} |")


def listened(data: Path, rows: list[Row], work: Path, model: str) -> dict[str, Row]:
    """What was heard in each file, the seconds of it and of the processor."""
    place = work / f"{data.name}-{Path(model).name or 'default'}.tsv"
    if not place.exists():
        place.write_text("file\tseconds\tcpu\ttext\n", encoding="utf-8")
    done = {row["file"]: row for row in table(place)}
    left = [row for row in rows if row["file"] not in done]
    recogniser = WhisperRecogniser.load(locate(model), WhisperOptions(threads=1)) if left else None
    with place.open("a", encoding="utf-8") as kept:
        for row in left if recogniser else ():
            samples = decoded(data / row["file"])
            begun = time.process_time()
            said = recogniser.listen(samples) if recogniser else ()
            took = time.process_time() - begun
            text = " ".join(utterance.text for utterance in said)
            done[row["file"]] = {"seconds": f"{len(samples) / RATE:.2f}", "cpu": f"{took:.2f}", "text": text}
            kept.write("\t".join([row["file"], *done[row["file"]].values()]) + "\n")
            kept.flush()
    return done


def voices(data: Path) -> None:
    """Prints errors of telling speakers apart; thresholds are chosen on half of the speakers, reported on the rest."""
    rows = [row for row in table(data / "meta.tsv") if row["set"].startswith("librispeech")]
    people = sorted({row["speaker"] for row in rows})
    chosen_on, reported_on = people[::2], people[1::2]
    vectors, of = embedded(data, rows)
    print(
        "| seconds | pairs of one person, of two | equal error rate | at its threshold on the others: missed, let in |"
    )
    for seconds in (*SHORT, 0):
        same, other = pairs(vectors, of, people, seconds)
        chosen = equal_error(*pairs(vectors, of, chosen_on, seconds))
        held_same, held_other = pairs(vectors, of, reported_on, seconds)
        missed, let_in = np.mean(held_same < chosen.threshold), np.mean(held_other >= chosen.threshold)
        every = equal_error(same, other)
        print(
            f"| {seconds or 'whole'} | {len(same)}, {len(other)} | {every.rate:.3f} |"
            f" {chosen.threshold:.3f}: {missed:.3f}, {let_in:.3f} |"
        )
    same, other = pairs(vectors, of, people, 0)
    print(
        f"known persons, {SAME_PERSON}: missed {np.mean(same < SAME_PERSON):.3f},"
        f" let in {np.mean(other >= SAME_PERSON):.4f}"
    )
    print("| utterances of | purity | coverage | right number of people |\n" + "| --- " * 4 + "|")
    for name, lengths in (("whole", (0,)), ("2 s, 3 s, 5 s, whole", (2, 3, 5, 0)), ("1 s, 2 s, 3 s", (1, 2, 3))):
        print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in talks(vectors, of, reported_on, lengths))} |")


def embedded(data: Path, rows: list[Row]) -> tuple[Vectors, list[tuple[str, str, int]]]:
    """Vectors, and for each its speaker, its file and the seconds it was cut to; 0 for the whole utterance."""
    encoder, activity = SpeakerEncoder.load(), VoiceActivity.load()
    vectors, of = [], []
    for row in rows:
        samples = decoded(data / row["file"])
        spoken = np.concatenate([samples[round(a * RATE) : round(b * RATE)] for a, b in activity.speech(samples)])
        for seconds in (0, *(length for length in SHORT if len(spoken) >= length * RATE)):
            voice = encoder.voice(spoken[: seconds * RATE] if seconds else spoken)
            if voice is not None:
                vectors.append(voice)
                of.append((row["speaker"], row["file"], seconds))
    return np.stack(vectors), of


def pairs(vectors: Vectors, of: list[tuple[str, str, int]], people: list[str], seconds: int) -> tuple[Vectors, Vectors]:
    """Cosines of all pairs of utterances of one person, and of all pairs of two people."""
    picked = [n for n, (person, _, length) in enumerate(of) if length == seconds and person in people]
    same: list[float] = []
    other: list[float] = []
    for a, b in itertools.combinations(picked, 2):
        (same if of[a][0] == of[b][0] else other).append(float(vectors[a] @ vectors[b]))
    return np.array(same, np.float32), np.array(other, np.float32)


def talks(
    vectors: Vectors, of: list[tuple[str, str, int]], people: list[str], lengths: tuple[int, ...]
) -> tuple[float, float, float]:
    """Mean purity, mean coverage, and share of conversations with as many clusters as people."""
    found = []
    for picked in conversations(of, people, lengths):
        labels = cluster(vectors[picked], SAME_ITEM).tolist()
        said_by = [of[n][0] for n in picked]
        found.append((purity(labels, said_by), coverage(labels, said_by), len(set(labels)) == len(set(said_by))))
    means = np.mean(np.array(found, float), axis=0)
    return float(means[0]), float(means[1]), float(means[2])


def conversations(of: list[tuple[str, str, int]], people: list[str], lengths: tuple[int, ...]) -> Iterator[list[int]]:
    """Positions of vectors that make one, in random order, each utterance at most once."""
    random = np.random.default_rng(0)
    for _ in range(TALKS):
        picked: set[int] = set()
        for person in random.choice(people, random.integers(1, MOST_PEOPLE + 1), replace=False):
            for length in random.choice(lengths, TURNS):
                choices = [n for n, (who, _, seconds) in enumerate(of) if who == person and seconds == length]
                picked |= {int(random.choice(choices))} if choices else set()
        yield random.permutation(sorted(picked)).tolist()


def decoded(path: Path) -> Samples:
    """int16 [n]: one channel, 16,000 samples a second. For trusted files: the product decodes in a child process."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = itertools.chain(container.decode(audio=0), [None])
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.int16)


def table(path: Path) -> list[Row]:
    """The lines of a tab-separated file, by the names of its head."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    main()
