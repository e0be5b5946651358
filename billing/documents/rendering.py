"""From document to PDF, by typst: the same bytes each time, in every process and thread."""

from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock

import orjson
from typst import Compiler

from billing.documents.document import Document
from billing.documents.fonts import installed
from billing.documents.layout import layout

TEMPLATES = Path(__file__).with_name("templates")
# The compiler works for one caller at a time, and is quick; what it learned it keeps.
TURN = Lock()


def render(document: Document) -> bytes:
    """The PDF. It takes tens of milliseconds of a processor: call it in a thread."""
    data = {"document": orjson.dumps(layout(document)).decode()}
    with TURN:
        made = compiler().compile(format="pdf", sys_inputs=data, timestamp=_midnight(document))
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


@cache
def compiler() -> Compiler:
    """The process's own. It reads the template and nothing else: what a document says is data, never markup."""
    return Compiler(TEMPLATES / "invoice.typ", root=TEMPLATES, font_paths=installed(), ignore_system_fonts=True)


def _midnight(document: Document) -> int:
    return int(datetime.combine(document.issued, time(), UTC).timestamp())
