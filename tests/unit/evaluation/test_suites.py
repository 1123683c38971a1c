"""Suite files: what they become, and a clear word for each mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.evaluation.suites import read_suite
from sensorium.evaluation.tasks import DEPTH, Entry, Task

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes suite.toml, further files by name (dots as underscores), and empty files a.png, b.png and c.png."""

    def write(suite: str, **files: str) -> Path:
        for name in ("a.png", "b.png", "c.png"):
            (tmp_path / name).touch()
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        (tmp_path / "suite.toml").write_text(suite, encoding="utf-8")
        return tmp_path / "suite.toml"

    return write


PAIRS = 'kind = "pairs"\ntable = "t.tsv"\n'
JUDGED = 'kind = "judgments"\nitems = "i.tsv"\nqueries = "q.tsv"\nqrels = "j.txt"\n'
LABELS = 'kind = "labels"\ntable = "t.tsv"\n'
CATALOGUE = 'kind = "catalogue"\ntable = "t.tsv"\n'
PAGES = 'kind = "pages"\ntable = "t.tsv"\n'
ITEMS, QUERIES = "id\timage\ttext\n1\ta.png\t\n2\t\twords\n", "id\ttext\nq\twhat\n"


def ids(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.id for entry in entries]


def test_a_suite_is_called_after_its_file_and_looks_a_thousand_deep(write: Write) -> None:
    suite = read_suite(write(PAIRS, t_tsv="image\tcaption\na.png\tx\n"))
    assert (suite.name, suite.kind, suite.depth) == ("suite", "pairs", DEPTH)


def test_name_and_depth_can_be_said(write: Write) -> None:
    suite = read_suite(write('name = "N"\ndepth = 5\n' + PAIRS, t_tsv="image\tcaption\na.png\tx\n"))
    assert (suite.name, suite.depth) == ("N", 5)


def test_pairs_ask_both_ways_and_cluster_by_picture(write: Write) -> None:
    table = "image\tcaption\na.png\tx\nb.png\ty\na.png\tz\n"
    words, pictures = read_suite(write(PAIRS, t_tsv=table)).tasks
    assert ids(words.queries) == ids(pictures.gallery) == ["a.png#0", "a.png#1", "b.png#0"]
    assert words.clusters == ("a.png", "a.png", "b.png")
    assert pictures.grades == ({"a.png#0": 1, "a.png#1": 1}, {"b.png#0": 1})


def test_columns_can_have_other_names(write: Write) -> None:
    words, _ = read_suite(write(PAIRS + 'image = "p"\ntext = "t"\n', t_tsv="p\tt\na.png\tx\n")).tasks
    assert words.queries[0].text == "x"


def test_where_lets_rows_through_by_one_value_or_several(write: Write) -> None:
    table = "image\tcaption\ts\na.png\tx\t1\nb.png\ty\t2\nc.png\tz\t3\n"
    suite = PAIRS + '[where]\ns = ["1", "3"]\n'
    assert ids(read_suite(write(suite, t_tsv=table)).tasks[0].gallery) == ["a.png", "c.png"]
    assert ids(read_suite(write(PAIRS + 'where = {s = "2"}\n', t_tsv=table)).tasks[0].gallery) == ["b.png"]


def test_judgments_grade_items_of_both_senses(write: Write) -> None:
    (task,) = read_suite(write(JUDGED, i_tsv=ITEMS, q_tsv=QUERIES, j_txt="q 0 1 3\nq 0 2 0\n")).tasks
    assert task.name == "text -> image+text"
    assert task.grades == ({"1": 3},)
    assert [entry.modality for entry in task.gallery] == [Modality.IMAGE, Modality.TEXT]


def test_queries_of_one_cluster_are_named_in_a_column(write: Write) -> None:
    queries = "id\ttext\tcluster\nq\ta\tsame\nr\tb\tsame\ns\tc\t\n"
    (task,) = read_suite(write(JUDGED, i_tsv=ITEMS, q_tsv=queries, j_txt="q 0 1 1\nr 0 1 1\ns 0 2 1\n")).tasks
    assert task.clusters == ("same", "same", "s")


def test_labels_find_their_files_and_files_their_label(write: Write) -> None:
    suite = LABELS + 'cluster = "of"\n[names]\nbig_dog = "a large dog"\n'
    table = "file\tlabel\tof\na.png\tbig_dog\t1\nb.png\tred_cat\t2\nc.png\tbig_dog\t1\n"
    words, files = read_suite(write(suite, t_tsv=table)).tasks
    assert [entry.text for entry in words.queries] == ["a large dog", "red cat"]
    assert words.grades == ({"a.png": 1, "c.png": 1}, {"b.png": 1})
    assert files.clusters == ("1", "2", "1")
    assert files.grades[2] == {"big_dog": 1}


def test_labels_of_sounds_are_of_the_sense_audio(write: Write) -> None:
    words, _ = read_suite(write(LABELS + 'media = "audio"\n', t_tsv="file\tlabel\na.png\tx\n")).tasks
    assert words.gallery[0].modality is Modality.AUDIO


def test_rows_that_give_the_same_words_are_all_right(write: Write) -> None:
    suite = CATALOGUE + 'words = ["{colour} {type}"]\n'
    table = "id\timage\tcolour\ttype\n1\ta.png\tred\tshirt\n2\tb.png\tred\tshirt\n3\tc.png\t\tshoes\n"
    (task,) = read_suite(write(suite, t_tsv=table)).tasks
    assert ids(task.queries) == ["red shirt", "shoes"]
    assert task.grades == ({"1": 1, "2": 1}, {"3": 1})


def test_a_picture_asks_for_the_others_of_its_type_without_itself(write: Write) -> None:
    table = "id\timage\ttype\n1\ta.png\tshirt\n2\tb.png\tshirt\n3\tc.png\tshoes\n"
    (task,) = read_suite(write(CATALOGUE + 'type = "type"\n', t_tsv=table)).tasks
    assert task.leave_out
    assert (ids(task.queries), task.grades) == (["1", "2"], ({"2": 1}, {"1": 1}))
    assert task.note == "1 products are the only one of their type and ask nothing"


def test_a_query_may_have_several_right_pages(write: Write) -> None:
    table = "text\tfile\tpage\nwhat\ta.png\t2\nwho\tb.png\t1\nwhat\tb.png\t7\n"
    (task,) = read_suite(write(PAGES, t_tsv=table)).tasks
    assert task.by_page
    assert task.grades == ({"a.png#2": 1, "b.png#7": 1}, {"b.png#1": 1})


@pytest.mark.parametrize(
    ("suite", "files", "complaint"),
    [
        ("kind = pairs", {}, r"suite.toml: it can not be read"),
        ("", {}, "`kind` is missing"),
        ('kind = "films"', {}, "`kind` is 'films'; there are catalogue"),
        ('kind = "pairs"', {}, "`table` is missing"),
        ('kind = "pairs"\ntable = 3', {}, "`table` has to be a text"),
        ('kind = "pairs"\ntable = "t.tsv"', {}, "`table` names t.tsv, which is not there"),
        ('kind = "pairs"\ntable = "../t.tsv"', {}, "leads out of the suite's folder"),
        ('kind = "pairs"\ntable = "/etc/passwd"', {}, "leads out of the suite's folder"),
        (PAIRS + "tabel = 1", {"t_tsv": "image\tcaption\na.png\tx\n"}, "`tabel` is unknown; this kind knows depth"),
        (PAIRS + "depth = 0", {"t_tsv": "image\tcaption\na.png\tx\n"}, "`depth` has to be a whole number from 1"),
        (PAIRS + "depth = true", {"t_tsv": "image\tcaption\na.png\tx\n"}, "`depth` has to be a whole number from 1"),
        (PAIRS + 'where = "x"', {"t_tsv": "image\tcaption\na.png\tx\n"}, "`where` has to name columns"),
        (PAIRS + "[where]\ns = 4", {"t_tsv": "image\tcaption\na.png\tx\n"}, "`where` has to name columns"),
        (PAIRS + '[where]\ns = "4"', {"t_tsv": "image\tcaption\na.png\tx\n"}, "lacks a column: s"),
        (PAIRS + '[where]\nimage = "d"', {"t_tsv": "image\tcaption\na.png\tx\n"}, "no row is left"),
        (PAIRS, {"t_tsv": "image\ttext\na.png\tx\n"}, "t.tsv: its header lacks a column: caption"),
        (PAIRS, {"t_tsv": "image\tcaption\na.png\t\n"}, "t.tsv, line 2: the caption is empty"),
        (PAIRS, {"t_tsv": "image\tcaption\na.png\tx\ty\n"}, "line 2: it has more fields than the header"),
        (PAIRS, {"t_tsv": "image\tcaption\na.png\tx\nd.png\ty\n"}, "line 3: the file d.png is missing"),
        (PAIRS, {"t_tsv": "image\tcaption\n../a.png\tx\n"}, "'../a.png' is no name of a file"),
        (JUDGED, {"i_tsv": ITEMS, "q_tsv": QUERIES, "j_txt": "q 0 9 1\n"}, "line 1: the item 9 is in no table"),
        (JUDGED, {"i_tsv": ITEMS, "q_tsv": QUERIES, "j_txt": "r 0 1 1\n"}, "line 1: the query r is in no table"),
        (JUDGED, {"i_tsv": ITEMS, "q_tsv": QUERIES, "j_txt": "q 0 1 0\n"}, "query q: no answer to it is right"),
        (JUDGED, {"i_tsv": "id\n1\n", "q_tsv": QUERIES, "j_txt": "q 0 1 1\n"}, "neither image nor text"),
        (JUDGED, {"i_tsv": "id\timage\ttext\n1\ta.png\tx\n", "q_tsv": QUERIES, "j_txt": "q 0 1 1\n"}, "image and text"),
        (
            JUDGED,
            {"i_tsv": ITEMS + "1\ta.png\t\n", "q_tsv": QUERIES, "j_txt": "q 0 1 1\n"},
            "the id 1 is there 2 times",
        ),
        (LABELS + 'media = "film"', {"t_tsv": "file\tlabel\na.png\tx\n"}, "`media` is 'film'; there are image, audio"),
        (LABELS + '[names]\ny = "z"', {"t_tsv": "file\tlabel\na.png\tx\n"}, "`names` names y, a label that no row has"),
        (LABELS + "[names]\nx = 1", {"t_tsv": "file\tlabel\na.png\tx\n"}, "`names` has to be a table of texts"),
        (CATALOGUE, {"t_tsv": "id\timage\n1\ta.png\n"}, "`words` or `type` has to say what is asked"),
        (CATALOGUE + 'words = "title"', {"t_tsv": "id\timage\n1\ta.png\n"}, "has to name columns in braces"),
        (CATALOGUE + 'words = "{a!r}"', {"t_tsv": "id\timage\n1\ta.png\n"}, "has to name columns in braces"),
        (CATALOGUE + 'words = "{a"', {"t_tsv": "id\timage\n1\ta.png\n"}, "`words` holds '{a'"),
        (CATALOGUE + 'words = "{title}"', {"t_tsv": "id\timage\n1\ta.png\n"}, "lacks a column: title"),
        (CATALOGUE + "words = 1", {"t_tsv": "id\timage\n1\ta.png\n"}, "has to be a text or a list of texts"),
        (CATALOGUE + 'type = "t"', {"t_tsv": "id\timage\tt\n1\ta.png\tx\n"}, "it asks nothing"),
        (PAGES, {"t_tsv": "text\tfile\tpage\nx\ta.png\t0\n"}, "line 2: '0' is no page"),
        (PAGES, {"t_tsv": "text\tfile\tpage\nx\ta.png\tii\n"}, "'ii' is no page"),
    ],
)
def test_a_mistake_is_told_with_its_place(write: Write, suite: str, files: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_suite(write(suite, **files))


def test_words_of_a_template_can_not_reach_into_python(write: Write) -> None:
    with pytest.raises(BadInput, match=r"lacks a column: title\.__class__"):
        read_suite(write(CATALOGUE + 'words = "{title.__class__}"\n', t_tsv="id\timage\ttitle\n1\ta.png\tx\n"))


def test_a_query_whose_only_right_answer_is_itself_is_refused() -> None:
    entry = Entry(id="1", modality=Modality.TEXT, text="x")
    with pytest.raises(BadInput, match="no answer to it is right"):
        Task(name="t", queries=(entry,), gallery=(entry,), grades=({"1": 1},), clusters=("1",), leave_out=True)


def test_a_right_answer_that_the_gallery_lacks_is_refused() -> None:
    entry = Entry(id="1", modality=Modality.TEXT, text="x")
    with pytest.raises(BadInput, match="its right answer 2 is not in the gallery"):
        Task(name="t", queries=(entry,), gallery=(entry,), grades=({"2": 1},), clusters=("1",))
