"""What is asked: the calls that search, answer and count."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensorium.calls.base import of_one_model
from sensorium.calls.kept import Kept
from sensorium.core.answers import Answer
from sensorium.core.arrangement import Arrangement, Sort
from sensorium.core.errors import BadInput, BadQuery, Refused
from sensorium.core.items import Aspect, Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Hit
from sensorium.core.scopes import Filter
from sensorium.present.results import ShownResults

if TYPE_CHECKING:
    from sensorium.core.answers import Form, Pack, Sentence
    from sensorium.core.facets import Facets
    from sensorium.search.filtering.where import Where


class Searched(Kept):
    """Questions and their answers."""

    @of_one_model
    def search(  # noqa: PLR0913 - what a person may say, each by its name
        self,
        text: str | None = None,
        *,
        image: str | Path | None = None,
        like: Sequence[str | Path] = (),
        spoken: str | Path | None = None,
        text_weight: float = 1.0,
        image_weight: float = 1.0,
        exclude: Sequence[str] = (),
        like_pieces: Sequence[str] = (),
        unlike_pieces: Sequence[str] = (),
        modalities: Collection[Modality | str] | None = None,
        aspects: Collection[Aspect | str] | None = None,
        speakers: Collection[str] | None = None,
        where: Where | None = None,
        k: int = 10,
        per_item: int = 1,
        rerank: bool | None = None,
        hubness: bool | None = None,
        sort: Sort | str | None = None,
        diversity: float = 0.0,
        fold: bool = False,
        rules: bool = True,
        explain: bool | Collection[str] = False,
    ) -> ShownResults:
        """The `k` pieces that fit best, over all modalities in one list.

        text: what to look for. image: path of a picture to look for, alone or with the text. like: paths of files of
        any kind to look for: a sound, a clip, a page. spoken: path of a recording of a question, which stands for its
        words. text_weight, image_weight: how much words count, and files. exclude: texts that the hits should not be
        like. like_pieces, unlike_pieces: ids of pieces that a search showed, to find more like them or less.
        modalities: kinds of items, aspects: of their pieces, speakers: names of who speaks, where to look;
        everywhere by default. where: what must hold of the items' attributes, in the filter language
        (`price < 50 and not sold`), as a predicate or as JSON. per_item: most hits of one item, 0 for no limit.
        rerank: look closer at the best candidates. hubness: set back what is near to every question. None leaves these
        two to the settings. explain: say of each hit why it is one, or of the pieces with these ids.
        sort: what matches by an attribute, as `price`, `price:desc`, `score` or `added_at:desc`. diversity: 0..1, how
        much a hit is set back for being like one above it. fold: fold near duplicates under the best of them. rules:
        False searches as if the library had no rules (`docs/rules.md`).

        Raises BadQuery, BadRules, BadInput for a file's path, a `Refused` for a file that can not be read, ExtraMissing
        for speech without what hears it.
        """
        from sensorium.calls.explained import explained, understood
        from sensorium.search.arranging.sorting import sortable
        from sensorium.search.asking.question import NOT_LIKE, Asked, Readings, question
        from sensorium.search.filtering.where import resolved

        asked = Asked(
            text=text if spoken is None else " ".join(filter(None, (text, self.transcript(spoken)))),
            image=image,
            like=like,
            text_weight=text_weight,
            image_weight=image_weight,
            exclude=exclude,
            known=[*self._kept(like_pieces, 1.0), *self._kept(unlike_pieces, NOT_LIKE)],
            modalities=modalities,
            aspects=aspects,
            speakers=speakers,
            where=resolved(where, self.scope, self._store),
            k=k,
            per_item=per_item,
            rerank=rerank,
            hubness=hubness,
            arrangement=Arrangement(
                sort=sortable(sort, self.scope, self._store) if isinstance(sort, str) else sort,
                diversity=diversity,
                fold=fold,
                rules=rules,
            ),
        )
        readings = Readings(picture=self._machine.picture_reading, file=self._machine.file_reading)
        query, picture = question(asked, readings, self.settings)
        results = understood(replace(self.ask(query), picture=picture), asked.text, self._machine)
        return explained(results, query, explain, self._machine)

    @of_one_model
    def ask(self, query: Query) -> ShownResults:
        """The answer to a question that was put together by hand. Raises BadQuery."""
        self._require_space()
        return ShownResults.of(self._machine.searcher.search(self.scope, query))

    def answer(
        self, question: str, *, form: Form | str = "answer", stop: threading.Event | None = None, **narrowed: Any
    ) -> Answer:
        """An answer to a question from what is here, each sentence with what it stands on; see `docs/answers.md`.

        form: "answer", "brief", "summary", "comparison" or "table". stop: set it from another thread to end early.
        narrowed: arguments of `search` that say where to look. Nothing leaves the machine unless the setting
        `answer_url` names a server. Raises what `search` raises, AnswerFailed.
        """
        *_, answer = self.answer_stream(question, form=form, stop=stop, **narrowed)
        assert isinstance(answer, Answer)  # the last event
        return answer

    @of_one_model
    def answer_stream(
        self, question: str, *, form: Form | str = "answer", stop: threading.Event | None = None, **narrowed: Any
    ) -> Iterator[Pack | Sentence | Answer]:
        """The same as it comes: the evidence, each sentence once it is checked, at last the whole answer."""
        from sensorium.answerers.asking import Asking, ask
        from sensorium.answerers.pack import Budget, Telling

        settings = self.settings
        budget = Budget(characters=settings.answer_characters, pieces=settings.answer_pieces)
        narrowed = {"k": settings.answer_pieces, "per_item": 0, **narrowed}
        asking = Asking(
            search=lambda words: self.search(words, **narrowed).hits,
            telling=Telling(
                pieces=lambda item: self._store.pieces_of(self.scope, item), seen=lambda item: self.describe(item).seen
            ),
            encoder=self._machine.asked,
            answerer=self._machine.answerer(),
            budget=budget,
            hops=settings.answer_hops,
            stop=stop or threading.Event(),
        )
        return ask(question, form, asking)

    @of_one_model
    def facets(
        self,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        text: str | None = None,
        modalities: Collection[Modality | str] | None = None,
        most: int = 12,
    ) -> Facets:
        """What values items have, and how many have each: with ranges for numbers, and years, months or days for dates.

        where, modalities: as for `search`. text: count only items that match this question, at most
        `Settings.query_k` of them. fields: names of attributes; by default those that tell items apart. most: values
        listed of each. What the library's rules hide is not counted. Raises BadQuery, BadRules.
        """
        from sensorium.search.asking.question import kinds_of
        from sensorium.search.filtering.facets import counted, matching
        from sensorium.search.filtering.where import resolved

        filter = Filter(where=resolved(where, self.scope, self._store), kinds=kinds_of(modalities))
        if text is None:
            shown = self._machine.rules(self.scope).always.narrowed(filter)
            return counted(self.scope, self._store, shown, fields, most)
        results = self.search(text, where=filter.where, modalities=modalities, k=self.settings.query_k, rerank=False)
        found = counted(self.scope, self._store, matching(results, filter), fields, most)
        return replace(found, capped=results.matching == self.settings.query_k)

    def warm(self, told: Callable[[str, float], None] = lambda step, seconds: None) -> None:
        """Gets ready what a first search and a first answer need, so that they take no longer than later ones: the
        model, its golden check, the index, the reading process, a search, names, what writes answers.

        told: the name of each step and its seconds, as it ends. Raises SpaceMismatch, GoldenMismatch, ModelDamaged,
        BadSetting.
        """
        from sensorium.lifecycle.warming import FIRST_QUESTION, in_turn
        from sensorium.search.showing.seeing import Seeing

        machine = self._machine
        steps: dict[str, Callable[[], object]] = {
            "model": lambda: machine.encoder,
            "golden": lambda: machine.encoder.verify(),
            "index": lambda: machine.indexes.current(machine.encoder.space),
            "reader": lambda: machine.reader.start(),
            "search": lambda: self.search(FIRST_QUESTION, k=1),
            "names": lambda: Seeing(store=self._store, encoder=machine.encoder, cache=self.path / "names").prepare(),
            "answerer": machine.answerer,
        }
        in_turn(steps, told)

    def transcript(self, recording: str | Path) -> str:
        """The words of a recording's first minute. Raises ExtraMissing, BadInput; BadQuery where nobody speaks."""
        ear = self._machine.ear()
        words = ear.transcript(self._machine.file_reading().track(Path(recording), ear.track_rate))
        if not words:
            raise BadQuery("nobody speaks in it", subject=str(recording), remedy="record it again, or ask in words")
        return words

    def with_clips(self, results: ShownResults) -> ShownResults:
        """The same results, their moments with a clip to play where one can be cut."""
        return replace(results, hits=tuple(self._with_clip(hit) for hit in results))

    def _with_clip(self, hit: Hit) -> Hit:
        if hit.item.modality not in (Modality.AUDIO, Modality.VIDEO):
            return hit
        with suppress(BadInput, Refused):  # the file may be gone by now: then there is nothing to play
            return replace(hit, clip=self.clip(hit.piece.id))
        return hit

    def _kept(self, pieces: Sequence[str], weight: float) -> list[QueryPart]:
        from sensorium.search.asking.stored import stored_part

        space = self._machine.encoder.space if pieces else None
        made = [stored_part(self.scope, self._store, self._store, space, piece) for piece in pieces if space]
        return [replace(part, weight=weight) for part in made]
