"""How the rooms are joined: the parts of a library, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensorium import plugins
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings

if TYPE_CHECKING:
    from sensorium.core.ports import (
        Answerer,
        ArrangerFactory,
        ArrangerSource,
        Encoder,
        Listener,
        Perceiver,
        PerceiverFactory,
        Reranker,
        RerankerFactory,
    )
    from sensorium.evaluation.reading import EvaluationPorts
    from sensorium.indexes.freshness import IndexFolder
    from sensorium.ingest.options import IngestPorts
    from sensorium.lifecycle.choice import EncoderChoice, Latest, Surrounded
    from sensorium.readers.guarded import SandboxedReader
    from sensorium.search.asking.likeness import FileReading
    from sensorium.search.asking.question import PictureReading
    from sensorium.search.rules.file import RulesFile, RulesForCallers
    from sensorium.search.searcher import Searcher
    from sensorium.stores.sqlite import SqliteStore

INDEX = "faiss"


@dataclass(kw_only=True)
class Machine:
    """The parts of one library in the folder `path`. given_encoder: in place of the one that the library names.

    origin: the machine that this one is of a moment: it has all that was made, and ends it.
    """

    path: Path
    store: SqliteStore
    scope: Scope
    settings: Settings
    given_encoder: Encoder | None = None
    origin: Machine | None = None

    def on_behalf_of(self, scope: Scope, *, around: Callable[[Encoder], Encoder] | None = None) -> Machine:
        """The same parts for another caller, or with something around the encoder.

        What hears and reads is its own, since it knows voices by name.
        """
        other = replace(self, scope=scope)
        own = () if around else ("_searchers", "_remembering")
        for name in ("indexes", "reader", "rules_file", "rules", "choice", *own):
            other.__dict__[name] = getattr(self, name)
        if around is not None:
            from sensorium.lifecycle.choice import Surrounded

            other.__dict__["choice"] = Surrounded(self.choice, around)
        return other

    def of_this_moment(self, encoder: Encoder | None = None) -> Machine:
        """The same machine, which keeps to one encoder whatever becomes of the library; itself where it is one.

        encoder: by default the one of now. It lives as long as this one, and needs no closing.
        """
        if self.origin is not None and encoder is None:
            return self
        made, given = {name: getattr(self, name) for name in ("_searchers", "_remembering")}, encoder or self.encoder
        fixed = copy(self)
        fixed.given_encoder, fixed.origin = given, self.origin or self
        fixed.__dict__.update(made)
        return fixed

    def close(self) -> None:
        """Ends the reading process and what hears and reads, as far as they were made. May be repeated."""
        if "reader" in self.__dict__:
            self.reader.close()
        self.release()

    def release(self) -> None:
        """Ends what hears and reads, as far as it was made: all that a machine on behalf of another has of its own."""
        ears = [self.__dict__.pop("_ear")] if "_ear" in self.__dict__ else []
        for one in (*ears, *self.__dict__.pop("perceivers", ())):  # taken out, so that they are made anew when needed
            one.close()

    def index_factory(self) -> Any:
        """How an index is made."""
        return plugins.load("sensorium.indexes", INDEX)()

    @cached_property
    def choice(self) -> EncoderChoice | Surrounded:
        """Which encoder is asked by: the one that was given, else that of the settings, else the library's own."""
        from sensorium.lifecycle.choice import EncoderChoice

        return EncoderChoice(
            self.store.active_space,
            self.load_encoder,
            given=self.given_encoder,
            named=self.settings.encoder,
            left=lambda space: self.indexes.let_go(space),
        )

    @property
    def encoder(self) -> Encoder:
        """The encoder of now: another one as soon as the library is searched by another. One call takes it once."""
        if self.origin is not None:
            assert self.given_encoder is not None
            return self.given_encoder
        return self.choice.now()

    @property
    def asked(self) -> Encoder:
        """The encoder of now, with a memory of the last questions: one search needs the same one several times."""
        return self._remembering.of(self.encoder)

    @cached_property
    def _remembering(self) -> Latest[Encoder, Encoder]:
        from sensorium.encoders.together import remembering
        from sensorium.lifecycle.choice import Latest

        return Latest(remembering)

    def load_encoder(self, name: str) -> Encoder:
        """The encoder that a setting names."""
        encoder: Encoder = plugins.load_encoder(name, self.settings.threads)
        return encoder

    @cached_property
    def indexes(self) -> IndexFolder:
        """The index of each space, caught up with the store."""
        if self.origin is not None:
            return self.origin.indexes
        from sensorium.indexes.freshness import IndexFolder

        return IndexFolder(self.store, self.index_factory(), self.path / "indexes")

    @cached_property
    def reader(self) -> SandboxedReader:
        """The guarded reading process."""
        if self.origin is not None:
            return self.origin.reader
        from sensorium.readers.guarded import SandboxedReader

        return SandboxedReader(self.settings)

    @property
    def searcher(self) -> Searcher:
        """What answers questions."""
        return self._searchers.of(self.asked)

    @cached_property
    def _searchers(self) -> Latest[Encoder, Searcher]:
        from sensorium.lifecycle.choice import Latest

        return Latest(self.searcher_by)

    def searcher_by(self, encoder: Encoder) -> Searcher:
        """What answers questions by that encoder."""
        from sensorium.search.arranging.careful import Arrangers
        from sensorium.search.arranging.stage import ArrangeChoice
        from sensorium.search.closer import LookChoice
        from sensorium.search.searcher import Searcher, SearchPorts

        ports = SearchPorts(
            items=self.store,
            indexes=self.indexes,
            encoders=(encoder,),
            rerankers=partial(self._rerankers_by, encoder),
            vectors=self.store.vectors_of,
            rules=self.rules,
            arrangers=Arrangers(partial(self._arranger_sources, encoder), self.settings.rank_milliseconds),
        )
        arrange = ArrangeChoice(depth=self.settings.arrange_depth, sort_depth=self.settings.query_k)
        choice = LookChoice(
            rerank=bool(self.settings.rerank),
            hubness=bool(self.settings.hubness),
            depth=self.settings.rerank_depth,
            milliseconds=self.settings.rerank_milliseconds,
        )
        return Searcher(ports, choice, arrange)

    @cached_property
    def rules_file(self) -> RulesFile:
        """The owner's rules, as their file is now."""
        from sensorium.search.rules.file import FILE, RulesFile

        return RulesFile(self.path / FILE)

    @cached_property
    def rules(self) -> RulesForCallers:
        """The owner's rules as they read for a caller."""
        from sensorium.search.rules.file import RulesForCallers

        return RulesForCallers(self.rules_file, self.store, self.store.generation)

    @cached_property
    def reranker_factories(self) -> list[RerankerFactory]:
        """The closer looks that are installed."""
        return plugins.load_all("sensorium.rerankers")

    def rerankers(self, scope: Scope) -> Sequence[Reranker]:
        """The closer looks on behalf of one caller."""
        return self._rerankers_by(self.asked, scope)

    def _rerankers_by(self, encoder: Encoder, scope: Scope) -> Sequence[Reranker]:
        return [factory.load(scope, encoder, self.store) for factory in self.reranker_factories]

    def _arranger_sources(self, encoder: Encoder) -> Sequence[ArrangerSource]:
        """What puts hits into another order, as far as it is set up."""
        factories: list[ArrangerFactory] = plugins.load_all("sensorium.arrangers")
        loaded = (factory.load(self.settings, encoder, self.path) for factory in factories)
        return [source for source in loaded if source is not None]

    def answerer(self) -> Answerer:
        """What writes answers: the one that is named, else a server's model where one is named, else sentences."""
        name = self.settings.answerer or ("chat" if self.settings.answer_url else "extractive")
        answerer: Answerer = plugins.load("sensorium.answerers", name).load(self.settings, self.asked)
        return answerer

    def picture_reading(self) -> PictureReading:
        """How the picture of a question is read."""
        from sensorium.readers.recognise import recognise
        from sensorium.search.asking.question import PictureReading

        return PictureReading(
            reader=self.reader,
            recognise=recognise,
            image_input=self.encoder.image_input,
            preview_side=self.settings.preview_side,
        )

    def file_reading(self) -> FileReading:
        """How any file of a question is read."""
        from sensorium.ingest.encode import read_request
        from sensorium.readers.recognise import recognise
        from sensorium.search.asking.likeness import FileReading

        return FileReading(
            reader=self.reader,
            recognise=recognise,
            request=read_request((self.encoder,), (), self.settings),
            takes=self.encoder.modalities,
            most_characters=self.settings.query_characters,
        )

    def ear(self) -> Listener:
        """What writes down speech. Raises ExtraMissing where it is not installed."""
        return self._ear

    @cached_property
    def _ear(self) -> Listener:
        if self.origin is not None:
            return self.origin._ear
        listener: Listener = plugins.load("sensorium.perceivers", "speech").load(self.settings, required=True)
        return listener

    @cached_property
    def perceivers(self) -> tuple[Perceiver, ...]:
        """What hears and reads, as far as it is installed and wanted."""
        if self.origin is not None:
            return self.origin.perceivers
        # A name that is written into an item is told to all its readers.
        voices = partial(self.store.voices, self.scope, told_to=self.scope.private_rights())
        factories: list[PerceiverFactory] = plugins.load_all("sensorium.perceivers")
        loaded = [factory.load(self.settings, voices=voices) for factory in factories]
        return tuple(perceiver for perceiver in loaded if perceiver is not None)

    def evaluation_ports(self) -> EvaluationPorts:
        """What an evaluation works through."""
        from sensorium.evaluation.reading import EvaluationPorts
        from sensorium.readers.recognise import recognise

        return EvaluationPorts(
            encoder=self.encoder, indexes=self.index_factory(), reader=self.reader, recognise=recognise
        )

    def ingest_ports(self) -> IngestPorts:
        """What `add` works through."""
        from sensorium.ingest.options import IngestPorts
        from sensorium.readers.parquet import records
        from sensorium.readers.recognise import recognise

        self.reader.start()  # it gets ready while the folders are walked
        return IngestPorts(
            items=self.store,
            sources=self.store,
            reader=self.reader,
            recognise=recognise,
            encoders=(self.encoder,),
            parts=self.store,
            perceivers=self.perceivers,
            unpacker=self.reader,
            records=records,
        )
