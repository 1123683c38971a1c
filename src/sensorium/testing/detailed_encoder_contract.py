"""What an encoder that gives details promises besides: run it beside `EncoderContract`, over the same fixture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sensorium.core.contents import Content, Role
from sensorium.core.details import DetailForm
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import DetailedEncoder
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.testing.encoder_contract import BATCH_TOLERANCE, contents_for

LOOKED_AT: tuple[tuple[Modality, Role], ...] = ((Modality.TEXT, "query"), (Modality.IMAGE, "piece"))
"""What has details: questions in words, and pictures that are kept."""

CASES = pytest.mark.parametrize(("modality", "role"), LOOKED_AT)


class DetailedEncoderContract:
    """Run over an encoder by a subclass with a fixture `encoder`; skipped where it was loaded without details."""

    @pytest.fixture
    def form(self, encoder: DetailedEncoder) -> DetailForm:
        assert isinstance(encoder, DetailedEncoder)
        if encoder.details is None:
            pytest.skip(f"{encoder.space.name} gives no details")
        return encoder.details

    @CASES
    def test_the_vectors_are_those_that_encode_gives(
        self, encoder: DetailedEncoder, form: DetailForm, modality: Modality, role: Role
    ) -> None:
        contents = contents_for(encoder, modality)
        vectors, _ = encoder.encode_detailed(modality, contents, role)
        assert np.abs(vectors - encoder.encode(modality, contents, role)).max() <= BATCH_TOLERANCE

    @CASES
    def test_details_are_unit_rows_of_their_width(
        self, encoder: DetailedEncoder, form: DetailForm, modality: Modality, role: Role
    ) -> None:
        contents = contents_for(encoder, modality)
        details = detailed(encoder, modality, contents, role)
        assert len(details) == len(contents)
        assert all(len(check_vectors(rows, form.width)) > 0 for rows in details)

    @CASES
    def test_details_do_not_depend_on_their_batch(
        self, encoder: DetailedEncoder, form: DetailForm, modality: Modality, role: Role
    ) -> None:
        contents = contents_for(encoder, modality)
        for content, together in zip(contents, detailed(encoder, modality, contents, role), strict=True):
            (alone,) = detailed(encoder, modality, [content], role)
            assert alone.shape == together.shape
            assert np.abs(alone - together).max() <= BATCH_TOLERANCE

    def test_every_picture_can_be_stored(self, encoder: DetailedEncoder, form: DetailForm) -> None:
        contents = contents_for(encoder, Modality.IMAGE)
        packed = [form.pack(rows) for rows in detailed(encoder, Modality.IMAGE, contents, "piece")]
        assert {len(blob) for blob in packed} == {form.size}

    @pytest.mark.parametrize(("modality", "role"), [(Modality.TEXT, "piece"), (Modality.IMAGE, "query")])
    def test_nothing_else_has_details(
        self, encoder: DetailedEncoder, form: DetailForm, modality: Modality, role: Role
    ) -> None:
        contents = contents_for(encoder, modality)
        vectors, details = encoder.encode_detailed(modality, contents, role)
        assert (len(vectors), details) == (len(contents), None)

    @CASES
    def test_nothing_in_gives_nothing(
        self, encoder: DetailedEncoder, form: DetailForm, modality: Modality, role: Role
    ) -> None:
        vectors, details = encoder.encode_detailed(modality, [], role)
        assert (vectors.shape, len(details or ())) == ((0, encoder.space.width), 0)

    def test_a_modality_it_does_not_declare_has_no_details_either(
        self, encoder: DetailedEncoder, form: DetailForm
    ) -> None:
        for modality in set(Modality) - encoder.modalities:
            with pytest.raises(BadInput):
                encoder.encode_detailed(modality, ["content"], "piece")


def detailed(
    encoder: DetailedEncoder, modality: Modality, contents: Sequence[Content], role: Role
) -> Sequence[Vectors]:
    """The details of some contents, which have to be there."""
    _, details = encoder.encode_detailed(modality, contents, role)
    assert details is not None
    return details
