"""kill -9 while a folder is being added: nothing acknowledged is lost, nothing is there by half, and it goes on."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

KILLED = -signal.SIGKILL

RANDOM_KILLS = 70
"""For each story; with the named points more than 200 kills in all."""


def test_there_are_named_points_before_in_and_after_every_commit(story) -> None:
    names = {point for point, _ in story.points}
    assert {"commit:begin", "commit:addition", "commit:sightings", "commit:before", "commit:after"} <= names
    assert {"index:written", "index:renamed"} <= names
    assert len(story.points) >= 30


def test_the_stories_hold_every_outcome(story, nursery) -> None:
    lines, status = nursery.kill(story.job())
    assert status == 0
    outcomes = {"added", "known", "refused"} | (
        {"changed", "moved", "forgotten", "vanished"} if story.is_later else set()
    )
    assert {line.outcome for line in lines} == outcomes


def test_killed_at_every_named_point(story, nursery) -> None:
    for point, nth in story.points:
        lines, status = nursery.kill(story.job(point=point, nth=nth))
        assert status == KILLED, (point, nth)
        story.check(lines)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_times(story, nursery, seed) -> None:
    kill_at_random_times(story, nursery, seed, RANDOM_KILLS // 2)


def test_a_file_left_half_made_is_made_whole(world, tmp_path: Path) -> None:
    making, left = tmp_path / "making.sqlite3", tmp_path / "library"
    left.mkdir()
    with closing(sqlite3.connect(making, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = 1")  # so that pages reach the file before the transaction ends
        database.execute("BEGIN")
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [(bytes(4096),)] * 100)
        shutil.copy(making, left / "store.sqlite3")
        shutil.copy(f"{making}-journal", left / "store.sqlite3-journal")
    assert world.look(left) == world.look(tmp_path / "new")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
def test_killed_at_many_random_times(story, nursery, seed) -> None:
    kill_at_random_times(story, nursery, seed, 100)


def kill_at_random_times(story, nursery, seed: int, kills: int) -> None:
    """The times lie evenly over what an `add` takes here; a child that was faster is not counted."""
    chance = random.Random(seed)
    span = 0.01 + story.seconds
    done = 0
    for _ in range(3 * kills):
        lines, status = nursery.kill(story.job(after=chance.uniform(0, span)))
        assert status in (0, KILLED)
        if status == KILLED:
            story.check(lines)
            done += 1
        if done == kills:
            return
    pytest.fail(f"only {done} children were killed in time")


# -- can these tests fail? -------------------------------------------------------------------------------------------


def test_a_store_that_acknowledges_before_it_commits_is_caught(story, nursery) -> None:
    begins = [nth for point, nth in story.points if point == "commit:begin"]
    for nth in begins:
        lines, status = nursery.kill(story.job(point="commit:begin", nth=nth, late=True))
        assert status == KILLED
        with pytest.raises(AssertionError, match="was lost"):
            story.check(lines)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM vectors WHERE id = (SELECT max(id) FROM vectors)",
        "DELETE FROM previews WHERE piece = (SELECT max(piece) FROM previews)",
        "DELETE FROM pieces WHERE key = (SELECT max(key) FROM pieces)",
        "DELETE FROM sources WHERE source = (SELECT max(source) FROM sources)",
        "DELETE FROM items WHERE number = (SELECT max(number) FROM items)",
        "UPDATE pieces SET text = 'half' WHERE key = (SELECT max(key) FROM pieces WHERE text IS NOT NULL)",
        "DELETE FROM refusals",
    ],
)
def test_a_library_that_lost_a_part_is_caught(story, nursery, damage, tmp_path: Path) -> None:
    lines, _ = nursery.kill(story.job())
    damaged = tmp_path / "library"
    shutil.copytree(story.library, damaged)
    story.world.check_killed(damaged, lines, story.before, story.after)
    with closing(sqlite3.connect(damaged / "store.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute(damage)
    with pytest.raises(AssertionError):
        story.world.check_killed(damaged, lines, story.before, story.after)
