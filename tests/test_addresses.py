"""Addresses: one key for all spellings of a mailbox, and none for what only looks like one."""

# ruff: noqa: RUF001  # letters that are drawn like others are what this is about

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.addresses import address, masked

LOCAL = st.from_regex(r"[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20}){0,2}", fullmatch=True)
LABEL = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9]{0,10}[A-Za-z0-9])?", fullmatch=True)
ADDRESSES = st.builds("{}@{}.{}".format, LOCAL, LABEL, st.sampled_from(["org", "TEST", "de", "co.uk"]))
# Letters of everybody's scripts, and marks on them.
ANY_LOCAL = st.text(st.characters(categories=["L", "N", "M"]), min_size=1, max_size=8)
BLANKS = st.text(" \t", max_size=3)
NEVER = st.characters(categories=["Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp"])
# Each is drawn like the ASCII letter beside it, or is a form of it.
LOOK_ALIKES = "ıİſ\u212aａＫ𝐚𝒌ｋ\u037eаеорсухіαοѕ"


def key(text: str) -> str | None:
    found = address(text, special=True)
    return found.key if found else None


@given(ADDRESSES, BLANKS, BLANKS)
def test_case_and_blanks_around_make_no_other_mailbox(text: str, before: str, after: str) -> None:
    found = address(f"{before}{text}{after}", special=True)
    assert found
    assert found.typed == text
    assert found.key == key(text.swapcase()) == key(text.lower()) == text.lower()


@given(ANY_LOCAL)
def test_the_key_of_a_key_is_the_key(local: str) -> None:
    found = key(f"{local}@x.test")
    assume(found is not None)
    assert found
    assert key(found) == found


@given(ANY_LOCAL)
def test_composed_and_decomposed_letters_are_one_mailbox(local: str) -> None:
    text = f"{local}@x.test"
    found = key(text)
    assume(found is not None)
    assert {key(unicodedata.normalize("NFD", text)), key(unicodedata.normalize("NFC", text))} <= {found, None}
    assert key(unicodedata.normalize("NFC", text)) == found


@given(ADDRESSES, NEVER, st.data())
def test_controls_blanks_and_what_is_unseen_are_refused_wherever_they_stand(
    text: str, letter: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(text)))
    assume(letter not in " \t" or 0 < place < len(text))
    assert key(text[:place] + letter + text[place:]) is None


@given(ADDRESSES, st.sampled_from(LOOK_ALIKES), st.data())
def test_what_is_drawn_like_ascii_letters_among_them_is_refused(
    text: str, letter: str, data: st.DataObject
) -> None:  # case 4
    place = data.draw(st.integers(0, len(text) - len(".co.uk")))
    assume(any(one.isalpha() for one in text.partition("@")[0]) and place <= text.index("@"))
    assert key(text[:place] + letter + text[place:]) is None


@given(ANY_LOCAL)
def test_no_key_is_ascii_unless_the_address_was(local: str) -> None:
    found = key(f"{local}@x.test")
    assume(found is not None)
    assert found
    assert found.isascii() == local.isascii()


def test_the_address_is_kept_as_typed() -> None:  # case 2
    found = address(" Ann@Example.org ")
    assert found
    assert found.typed == "Ann@Example.org"
    assert found.key == "ann@example.org"


@pytest.mark.parametrize(("one", "other"), [("ann+fin@x.test", "ann@x.test"), ("a.nn@x.test", "ann@x.test")])
def test_tags_and_dots_make_another_mailbox(one: str, other: str) -> None:  # case 3
    assert None is not key(one) != key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jose\u0301@x.test", "jos\u00e9@x.test"),
        ("ann@äx.org", "ann@xn--x-zfa.org"),
        ("ann@ÄX.org", "ann@a\u0308x.ORG"),
        ("ann@faß.de", "ann@xn--fa-hia.de"),
        ("иван@пример.рф", "иван@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_one_mailbox_in_two_spellings_has_one_key(one: str, other: str) -> None:  # case 4
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    "text",
    [
        "mıke@x.test",
        "\u212aim@x.test",
        "i\u0307rma@x.test",
        "ann\ufe0f@x.test",
        "ann@\u212a.org",
        "ann@mıke.org",
        "ann@ｘ.test",
        "ann@аpple.com",
        "ann@ex\u00adample.org",
    ],
)
def test_look_alikes_are_refused(text: str) -> None:  # case 4
    assert key(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ann",
        "@x.test",
        "ann@",
        "ann@x@x.test",
        "a..n@x.test",
        ".ann@x.test",
        "ann@example",
        "ann@-x.test",
        "ann@x..test",
        "ann@[127.0.0.1]",
        "ann@x.test\n",
        "ann@x.test\r\nBcc: eve@x.test",
        "ann\n@x.test",
        "ann\x00@x.test",
        "ann%0a@x.test",
        "ann%0d%0aBcc:eve@x.test",
        "Ann <ann@x.test>",
        "ann@x.test <eve@x.test>",
        '"ann eve"@x.test',
        "ann@x.test,eve@x.test",
        "ann@x.test;eve@x.test",
        "ann(eve)@x.test",
        "mailto:ann@x.test",
        f"{'a' * 65}@x.test",
        f"ann@{'a' * 64}.test",
        f"ann@{'a.' * 130}test",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:  # case 30
    assert key(text) is None


class Unread(str):
    """A text that tells when somebody reads it letter by letter."""

    __slots__ = ()

    def strip(self, _blanks: str | None = None, /) -> "Unread":
        return self

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("read")


def test_what_is_longer_than_any_address_is_not_read() -> None:
    """To put a hundred thousand accents in order takes half a minute, in which nobody else is answered."""
    accents = "a" + 60_000 * "\u0301\u0323" + "@x.test"
    assert key(Unread(accents)) is None
    with pytest.raises(AssertionError, match="read"):
        key(Unread(accents[:300]))


def test_special_domains_are_for_demo_and_tests_only() -> None:
    assert key("ann@acme.test") == "ann@acme.test"
    assert address("ann@acme.test") is None
    for domain in ("localhost", "acme.invalid", "acme.local", "acme.onion"):
        assert address(f"ann@{domain}") is None
        assert key(f"ann@{domain}") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("ann@example.org", "a••@e••.org"), ("a@b.co.uk", "a••@b••.uk"), ("é@äx.org", "é••@ä••.org")],
)
def test_a_mask_shows_first_letters_and_the_top_domain(text: str, shown: str) -> None:  # case 14
    assert masked(text) == shown
