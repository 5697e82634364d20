from __future__ import annotations

from readycheck.secrets.concealment import described


def test_a_short_secret_is_told_by_kind_and_length_alone() -> None:
    assert described("hunter2", "password") == "a password of 7 characters"
    assert described("x", "API key") == "an API key of 1 character"


def test_two_places_of_one_long_secret_show_the_same_fingerprint() -> None:
    first, same, other = (described(text) for text in ("Inv3nted-For-This", "Inv3nted-For-This", "Inv3nted-For-That"))
    assert first == same
    assert first != other
    head, _, fingerprint = first.partition(", fingerprint ")
    assert head == "a value of 17 characters"
    assert len(fingerprint) == 6
    assert int(fingerprint, 16) >= 0
