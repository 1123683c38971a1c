"""How the rooms are joined: the parts of a library, each made when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensorium import plugins
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings

if TYPE_CHECKING:
    from sensorium.core.ports import Answerer, Encoder, Listener, Perceiver, PerceiverFactory, Reranker, RerankerFactory
    from sensorium.evaluation.reading import EvaluationPorts
    from sensorium.indexes.freshness import IndexFolder
    from sensorium.ingest.options import IngestPorts
    from sensorium.readers.guarded import SandboxedReader
    from sensorium.search.likeness import FileReading
    from sensorium.search.question import PictureReading
    from sensorium.search.rules_file import RulesFile, RulesForCallers
    from sensorium.search.searcher import Searcher
    from sensorium.stores.sqlite import SqliteStore

INDEX = "faiss"


@dataclass(kw_only=True)
class Machine:
    """The parts of one library in the folder `path`. given_encoder: in place of the one that the settings name."""

    path: Path
    store: SqliteStore
    scope: Scope
    settings: Settings
    given_encoder: Encoder | None = None

    def on_behalf_of(self, scope: Scope, *, encoder: Encoder | None = None) -> Machine:
        """The same parts for another caller, or with another encoder of the same space.

        What hears and reads is its own, since it knows voices by name.
        """
        other = replace(self, scope=scope, given_encoder=encoder or self.encoder)
        for name in ("indexes", "reader", "rules_file", "rules", *(() if encoder else ("searcher",))):
            other.__dict__[name] = getattr(self, name)
        return other

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
    def encoder(self) -> Encoder:
        """The encoder that was given, else the one that the settings name."""
        if self.given_encoder is not None:
            return self.given_encoder
        encoder: Encoder = plugins.load("sensorium.encoders", self.settings.encoder).load(self.settings.threads)
        return encoder

    @cached_property
    def indexes(self) -> IndexFolder:
        """The index of each space, caught up with the store."""
        from sensorium.indexes.freshness import IndexFolder

        return IndexFolder(self.store, self.index_factory(), self.path / "indexes")

    @cached_property
    def reader(self) -> SandboxedReader:
        """The guarded reading process."""
        from sensorium.readers.guarded import SandboxedReader

        return SandboxedReader(self.settings)

    @cached_property
    def searcher(self) -> Searcher:
        """What answers questions."""
        from sensorium.search.arranging.stage import ArrangeChoice
        from sensorium.search.closer import LookChoice
        from sensorium.search.searcher import Searcher, SearchPorts

        ports = SearchPorts(
            items=self.store,
            indexes=self.indexes,
            encoders=(self.encoder,),
            rerankers=self.rerankers,
            vectors=self.store.vectors_of,
            rules=self.rules,
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
        from sensorium.search.rules_file import FILE, RulesFile

        return RulesFile(self.path / FILE)

    @cached_property
    def rules(self) -> RulesForCallers:
        """The owner's rules as they read for a caller."""
        from sensorium.search.rules_file import RulesForCallers

        return RulesForCallers(self.rules_file, self.store, self.store.generation)

    @cached_property
    def reranker_factories(self) -> list[RerankerFactory]:
        """The closer looks that are installed."""
        return plugins.load_all("sensorium.rerankers")

    def rerankers(self, scope: Scope) -> list[Reranker]:
        """The closer looks on behalf of one caller."""
        return [factory.load(scope, self.encoder, self.store) for factory in self.reranker_factories]

    def answerer(self) -> Answerer:
        """What writes answers: the one that is named, else a server's model where one is named, else sentences."""
        name = self.settings.answerer or ("chat" if self.settings.answer_url else "extractive")
        answerer: Answerer = plugins.load("sensorium.answerers", name).load(self.settings, self.encoder)
        return answerer

    def picture_reading(self) -> PictureReading:
        """How the picture of a question is read."""
        from sensorium.readers.recognise import recognise
        from sensorium.search.question import PictureReading

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
        from sensorium.search.likeness import FileReading

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
        listener: Listener = plugins.load("sensorium.perceivers", "speech").load(self.settings, required=True)
        return listener

    @cached_property
    def perceivers(self) -> tuple[Perceiver, ...]:
        """What hears and reads, as far as it is installed and wanted."""
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
