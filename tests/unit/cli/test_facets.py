"""`sensorium facets` over a real library."""

import json


def test_facets_are_told_with_their_counts(run, filled) -> None:
    lines = run("facets", "--field", "kind").out.splitlines()
    assert lines[0] == "3 items"
    assert [line.split() for line in lines[1:]] == [["kind", "3", "text"], ["2", "image"], ["1", "text"]]


def test_facets_of_a_filter_as_json(run, filled) -> None:
    document = json.loads(run("facets", "--where", "kind = image", "--field", "width", "--json").out)
    assert document["items"] == 2
    assert document["facets"][0]["items"] == 2


def test_facets_of_a_question(run, filled) -> None:
    assert "items" in run("facets", "red").out.splitlines()[0]


def test_a_filter_that_can_not_be_read_is_an_error(run, filled) -> None:
    ended = run("facets", "--where", "kind =")
    assert (ended.status, ended.out) == (1, "")
    assert "at column 7" in ended.err
