"""The card of an adapted encoder: what it was made of, what was measured, what it is not for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def card(document: Mapping[str, Any], name: str, base: str) -> str:
    """The card in Markdown. document: of a `TrainReport`. No text, path or picture of the pairs stands in it."""
    recipe, parts, curated = document["recipe"], document["parts"], document["curated"]
    lines = [
        f"# {name}",
        "",
        f"The encoder `{base}` with a layer of the kind {recipe['kind']} over its vectors, learned from"
        f" {parts['learned']:,} pairs of pictures and texts (stopped by {parts['judged']:,}, {parts['kept_out']:,} kept"
        " out).",
        "",
        *_verdict(document),
        "",
        f"- What is adapted: {SIDES[recipe['side']]}.",
        f"- Space: {document['space']}.",
        f"- Epoch {document['best']} of {len(document['curve']) - 1 if document['curve'] else 0} was taken.",
        f"- Left out: {curated['skipped']['count']:,} pairs that can not be used, {curated['duplicates']['count']:,}"
        f" duplicates. Less alike than chance, by the base: {curated['doubtful']['count']:,} of those learned from.",
        f"- Languages of the texts: {_counts(curated['languages'])}.",
        *([f"- Classes: {_counts(curated['classes'])}."] if curated["classes"] else []),
        f"- {_error(document['calibration_error'])}",
        f"- Recipe: {', '.join(f'{key} {value}' for key, value in recipe.items())}.",
        "",
        "## Against its base",
        "",
        "| suite | task | queries | measure | base | adapted | difference |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *_rows(document["verdicts"]),
        "",
        "Intervals of 95 % by the bootstrap over pictures or texts. It was refused or promoted by RR alone.",
        "",
        "## Limits",
        "",
        "It knows these pairs' domain better, and others a little worse than its base: see the table, and name what has"
        " to stay good by `--protect`. Its numbers hold something of what the pairs say: keep this folder as you keep"
        " them. `lineage.json` has the hashes of the pictures, so that it can be told which adapters knew one.",
        "",
    ]
    return "\n".join(lines)


SIDES = {
    "query": "questions in words alone; a library that the base filled is asked as it stands",
    "both": "texts and pictures, asked and kept; a library has to be encoded anew (`sensorium reembed`)",
}


def _verdict(document: Mapping[str, Any]) -> list[str]:
    if document["refusal"]:
        return [f"**Not promoted, and written because `--force` said so:** {document['refusal']}."]
    if not document["best"]:
        return ["Nothing that was learned was better than the base on the pairs to stop by, so it is the base."]
    return ["Promoted: no protected suite is surely worse than with the base."]


def _error(errors: Sequence[float] | None) -> str:
    if errors is None:
        return "Scores: too few pairs were kept out to measure how far they can be believed."
    return (
        f"Expected calibration error, words that look for pictures, on the pairs kept out: {errors[0]:.3f} by the base,"
        f" {errors[1]:.3f} adapted. The base's curve, told how random pairs lie now."
    )


def _rows(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for verdict in verdicts:
        for measure, told in verdict["figures"].items():
            cells = [f"{mean:.3f} [{low:.3f}, {high:.3f}]" for mean, low, high in (told["base"], told["adapted"])]
            mean, low, high = told["change"]
            cells.append(f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]")
            head = f"{_plain(verdict['suite'])} | {_plain(verdict['task'])} | {verdict['queries']:,} | {measure}"
            yield f"| {head} | {' | '.join(cells)} |"


def _counts(counts: Mapping[str, int], most: int = 12) -> str:
    told = [f"{_plain(name)} {count:,}" for name, count in list(counts.items())[:most]]
    return ", ".join(told) + (f" and {len(counts) - most} more" if len(counts) > most else "")


def _plain(name: str) -> str:
    """A name as one cell of a table."""
    return " ".join(name.replace("|", "/").split())
