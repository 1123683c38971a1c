"""What callers send, as it is checked: strict models, every list and text with its longest length."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StrictInt, StrictStr

from sensorium.core.items import Aspect, Modality

Text = Annotated[StrictStr, Field(max_length=100_000)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=300)]
ItemId = Annotated[StrictStr, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
PieceId = Annotated[StrictStr, Field(min_length=1, max_length=64)]


class Strict(BaseModel):
    """A body without fields that nobody knows: a misspelt one is told of, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Fields(Strict):
    """Where to look, and what for besides words."""

    exclude: Annotated[list[Text], Field(max_length=16)] = []
    like_pieces: Annotated[list[PieceId], Field(max_length=16)] = []
    unlike_pieces: Annotated[list[PieceId], Field(max_length=16)] = []
    modalities: Annotated[list[Modality], Field(max_length=8)] | None = None
    aspects: Annotated[list[Aspect], Field(max_length=16)] | None = None
    speakers: Annotated[list[Name], Field(max_length=64)] | None = None
    where: Annotated[StrictStr, Field(max_length=10_000)] | dict[str, JsonValue] | None = None
    k: Annotated[StrictInt, Field(ge=1, le=100_000)] = 24
    per_item: Annotated[StrictInt, Field(ge=0, le=100_000)] = 1
    rerank: StrictBool | None = None
    hubness: StrictBool | None = None
    sort: Annotated[StrictStr, Field(min_length=1, max_length=110)] | None = None
    diversity: Annotated[float, Field(ge=0, le=1)] = 0.0
    fold: StrictBool = False

    def arguments(self) -> dict[str, Any]:
        """The arguments of `Library.search`; a list that is empty says nothing."""
        given = self.model_dump(mode="json", include=set(Fields.model_fields))
        unsaid = ("modalities", "aspects", "speakers", "where")
        return {name: (value or None) if name in unsaid else value for name, value in given.items()}


class SearchBody(Fields):
    """A question. cursor: the `next` of the answer before, for the hits that follow on it. explain: say why of all hits
    of the page, or of the pieces with these ids."""

    text: Text | None = None
    text_weight: Annotated[float, Field(ge=-100, le=100)] = 1.0
    image_weight: Annotated[float, Field(ge=-100, le=100)] = 1.0
    cursor: Annotated[StrictStr, Field(max_length=200)] | None = None
    explain: StrictBool | Annotated[list[PieceId], Field(max_length=64)] = False

    def arguments(self) -> dict[str, Any]:
        text = self.text if self.text and self.text.strip() else None
        weights = {"text_weight": self.text_weight, "image_weight": self.image_weight}
        return {**Fields.arguments(self), **weights, "text": text}


class AskBody(Fields):
    """A question that wants an answer in sentences."""

    question: Annotated[StrictStr, Field(min_length=1, max_length=100_000)]
    form: Literal["answer", "summary", "brief", "comparison", "table"] = "answer"
    explain: StrictBool = False


class UploadBody(Strict):
    """A file that will be sent. name: with the folders that it lay in, if any. size: bytes."""

    name: Annotated[StrictStr, Field(min_length=1, max_length=1_000)]
    size: Annotated[StrictInt, Field(ge=0, le=2**44)]


class CollectBody(Strict):
    """A change to a collection. add, remove: ids of items."""

    name: Annotated[StrictStr, Field(min_length=1, max_length=100)]
    add: Annotated[list[ItemId], Field(max_length=1_000)] = []
    remove: Annotated[list[ItemId], Field(max_length=1_000)] = []


class FeedbackBody(Strict):
    """What somebody thinks of a hit. query_id: of the answer that it was in."""

    query_id: Annotated[StrictStr, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    piece: PieceId
    verdict: Literal["more", "less", "click"]
