"""The words of a letter, as text and as HTML, both from one template: they cannot say different things."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailer.outbox import Letter

TEMPLATES = Path(__file__).with_name("templates")
LONGEST, MOST_READ = 100, 1000
WIDTH = 72
FORMS = ("txt", "html")
# Mail programs make links of these by themselves.
SCHEME = re.compile(r"\s*:\s*//+\s*")
# They join letters and emoji; without them names fall apart. Other invisible characters only deceive.
JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Words:
    """What a mail says."""

    subject: str
    text: str
    html: str


def words(letter: Letter, public_url: str) -> Words:
    """Render a letter. What people typed is made harmless; links lead to the public URL alone."""

    def link(path: str) -> str:
        # In the fragment: a server's log and the Referer header never see it.
        return f"{public_url}{path}" + (f"#{letter.secret}" if letter.secret else "")

    values = {name: harmless(value) if isinstance(value, str) else value for name, value in letter.values.items()}
    name, context = f"{letter.message}.jinja", values | {"link": link, "public_url": public_url}
    template = environment("txt").get_template(name)
    subject = "".join(template.blocks["subject"](template.new_context(context)))
    text, html = (environment(form).get_template(name).render(context | {"subject": subject}) for form in FORMS)
    return Words(subject, text, html)


@cache
def environment(form: str) -> Environment:
    """Where templates become text or HTML: letter.txt and letter.html are the frames, parts.* the ways to say it."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=form == "html",  # noqa: S701  # the other form is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"letter": f"letter.{form}", "parts": f"parts.{form}"}
    made.filters |= {"filled": filled, "spelled": spelled}
    return made


def filled(text: str) -> str:
    """A paragraph in lines that every mail program shows; words are left whole."""
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def spelled(at: str) -> str:
    """An instant in words: `31 January 2026, 12:00 UTC`."""
    told: str = format_datetime(datetime.fromisoformat(at).astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en")
    return told


def harmless(text: str) -> str:
    """A name that can only be read: one line, nothing invisible, nothing that turns the order round, no link."""
    line = SCHEME.sub(" ", plain(text[:MOST_READ]))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def plain(text: str) -> str:
    """One line, nothing invisible, nothing that turns the order round."""
    return " ".join("".join(_shown(unicodedata.normalize("NFC", text))).split())


def _shown(text: str) -> Iterator[str]:
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in {"Cc", "Zl", "Zp", "Zs"}:
            yield " "
        elif kind not in {"Cf", "Cs", "Co", "Cn"} or letter in JOINERS:
            yield letter
