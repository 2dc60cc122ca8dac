"""Personal values: the same person in different spellings gives one hash, and nothing can be read from it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketing_mart.errors import ConfigError
from marketing_mart.privacy import Privacy, normalise_email, normalise_phone

PRIVACY = Privacy(b"a key of the tests")


@pytest.mark.parametrize(
    ("typed", "one_person"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ada+news@example.com", "ada@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("A.d.a+x+y@Gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
    ],
)
def test_spellings_of_one_address_are_one(typed, one_person):
    assert normalise_email(typed) == one_person


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        "  ",
        "ada",
        "@example.com",
        "+tag@example.com",
        "ada@",
        "ada@home",
        "a da@example.com",
        "a@b@example.com",
        "...@gmail.com",
    ],
)
def test_what_is_no_address_has_no_hash(typed):
    assert PRIVACY.email(typed) is None


@pytest.mark.parametrize("typed", ["+44 20 7946 0958", "0044 20 7946 0958", "(020) 7946-0958", "020 79460958"])
def test_spellings_of_one_number_are_one(typed):
    assert normalise_phone(typed, "GB") == "+442079460958"


@pytest.mark.parametrize("typed", [None, "", " ", "call me", "12", "0000000000"])
def test_what_is_no_number_has_no_hash(typed):
    assert PRIVACY.phone(typed) is None


def test_the_hash_depends_on_the_key_and_hides_the_value():
    hashed = PRIVACY.email("ada@example.com")
    assert len(hashed) == 64 and "ada" not in hashed
    assert hashed == PRIVACY.email("ADA+shop@example.com")
    assert hashed != Privacy(b"another key").email("ada@example.com")


def test_the_hash_stays_the_same_between_releases():
    """Landed rows of all time must still match: a change here splits every known person in two."""
    assert PRIVACY.email("ada@example.com") == "465139fe62fd789c2642db89dccdfd01c3c49a7ea4de1009687cac61c5600814"


def test_the_key_shows_nowhere():
    assert "key of the tests" not in repr(PRIVACY)


def test_an_empty_key_is_refused():
    with pytest.raises(ConfigError, match="empty"):
        Privacy(b"")


@settings(max_examples=40, deadline=None)
@given(st.emails(), st.text(max_size=40))
def test_any_text_is_hashed_or_refused_without_an_exception(address, text):
    for value in (PRIVACY.email(address), PRIVACY.email(text), PRIVACY.phone(text)):
        assert value is None or len(value) == 64
    assert (
        PRIVACY.email(address) == PRIVACY.email(f"  {address.upper()}  ") or address.upper().lower() != address.lower()
    )
