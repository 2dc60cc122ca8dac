"""Whatever a vendor answers is read as its stream declares, or refused in words: no other error, no nonsense."""

import json

import pytest
from fuzzing import CHANGES, changed, check_accepted, fuzzed, refused_or, table
from hypothesis import strategies as st
from recorded import Recording, played, record

from marketing_mart.connectors import streams

LABELS = sorted(stream.label for stream in streams() if stream.source != "files")


@pytest.fixture(scope="module")
def recordings() -> dict[str, Recording]:
    return record()


def read(one: Recording, bodies: list[bytes]) -> list | None:
    """The pages that come of these answers; None where the read was refused."""

    def answer(number: int) -> tuple[int, dict[str, str], bytes] | None:
        return (200, {}, bodies[number]) if number < len(bodies) else (404, {}, b"{}")

    with played(answer):
        return refused_or(one.read)


def test_every_recording_played_again_is_read_as_it_was(recordings):
    assert sorted(recordings) == LABELS
    for one in recordings.values():
        pages = read(one, one.bodies)
        assert pages is not None, one.stream.label
        check_accepted(one.stream, pages)
    assert sum(table(read(one, one.bodies), one.stream).num_rows > 0 for one in recordings.values()) > 10


@pytest.mark.parametrize("label", LABELS)
@fuzzed(which=st.integers(0, 50), changes=CHANGES)
def test_an_answer_with_something_wrong_in_it(recordings, label, which, changes):
    one = recordings[label]
    bodies = list(one.bodies)
    which %= len(bodies)
    bodies[which] = changed(json.loads(bodies[which]), changes)
    if (pages := read(one, bodies)) is not None:
        check_accepted(one.stream, pages)
