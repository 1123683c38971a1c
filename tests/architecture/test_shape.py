"""Size and shape of the code, as CONTRIBUTING.md promises them."""

from .source import depth, functions, length, modules

MODULE_LINES = 600
FUNCTION_LINES = 100
USUAL_FUNCTION_LINES = 40
NESTING = 3


def test_a_module_has_one_subject_and_fits_its_size() -> None:
    assert not [(m.name, m.lines) for m in modules() if m.lines > MODULE_LINES]


def test_no_function_is_longer_than_two_screens() -> None:
    assert not [(m.name, f.name, length(f)) for m in modules() for f in functions(m) if length(f) > FUNCTION_LINES]


def test_nineteen_functions_of_twenty_fit_a_screen() -> None:
    lengths = sorted(length(f) for m in modules() for f in functions(m))
    assert lengths[len(lengths) * 19 // 20] <= USUAL_FUNCTION_LINES


def test_choices_and_loops_are_not_nested_deeply() -> None:
    assert not [(m.name, f.name) for m in modules() for f in functions(m) if depth(f) > NESTING]


def test_no_module_is_named_after_nothing() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "base2"}
    assert not [m.name for m in modules() if nameless & set(m.name.split("."))]
