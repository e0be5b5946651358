"""Which fonts a text is set in: Noto, from the dependencies, so that documents look the same on every machine."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from typst import Fonts

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
FIRST, LAST = "Noto Sans", ("Noto Sans Symbols", "Noto Emoji")
# Han characters look otherwise in each of these countries; elsewhere as in China, unless kana or hangul stand beside.
HAN = "Noto Sans CJK "
VARIANTS = {"CN": "SC", "SG": "SC", "JP": "JP", "KR": "KR", "KP": "KR", "TW": "TC", "HK": "HK", "MO": "HK"}
KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9f]")
HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


@cache
def installed() -> Fonts:
    """The fonts of the dependencies, and no other: what the system has would change the result."""
    paths = [str(files(package)) for package in PACKAGES]
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def families(country: str, texts: Iterable[str]) -> list[str]:
    """Where each glyph is looked for, in order, for texts of somebody in this country."""
    return [FIRST, HAN + variant(country, " ".join(texts)), *_others(), *LAST]


def variant(country: str, text: str) -> str:
    """How Han characters look: as in the country, else as in the language that the text shows itself to be."""
    if country in VARIANTS:
        return VARIANTS[country]
    if KANA.search(text):
        return VARIANTS["JP"]
    return VARIANTS["KR"] if HANGUL.search(text) else VARIANTS["CN"]


@cache
def _others() -> tuple[str, ...]:
    return tuple(
        family for family in installed().families() if not family.startswith(HAN) and family not in {FIRST, *LAST}
    )
