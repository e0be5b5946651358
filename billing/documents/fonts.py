"""Which fonts a text is set in: those of the dependencies, so that documents look the same on every machine."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from typst import Fonts

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk", "fontpkg_almarai")
FIRST, LAST = "Noto Sans", ("Noto Sans Symbols", "Noto Emoji")
# Han characters look otherwise in each of these countries; elsewhere as in China, unless kana or hangul stand beside.
HAN = "Noto Sans CJK "
VARIANTS = {"CN": "SC", "SG": "SC", "JP": "JP", "KR": "KR", "KP": "KR", "TW": "TC", "HK": "HK", "MO": "HK"}
KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9f]")
HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
# Noto draws an Arabic letter of parts, and who copies it from a PDF gets it twice. Almarai does not, but has the
# letters of Arabic, Persian and Urdu only; two fonts in a word would break it, so one other letter is enough for Noto.
ARABIC = "Almarai"
OTHER_ARABIC = re.compile(
    r"(?![\u060c\u061b\u061f\u0621-\u063a\u0640-\u0656\u0660-\u066d\u06d4\u06f0-\u06f9"
    r"\u0670\u0679\u067e\u0686\u0688\u0691\u0698\u06a4\u06a9\u06af\u06ba\u06be\u06c0-\u06c3\u06cc\u06d2\u06d3])"
    r"[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff]"
)


@cache
def installed() -> Fonts:
    """The fonts of the dependencies, and no other: what the system has would change the result."""
    paths = [str(files(package)) for package in PACKAGES]
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def families(country: str, texts: Iterable[str]) -> list[str]:
    """Where each glyph is looked for, in order, for texts of somebody in this country."""
    text = " ".join(texts)
    arabic = () if OTHER_ARABIC.search(text) else (ARABIC,)
    return [FIRST, HAN + variant(country, text), *arabic, *_others(), *LAST]


def variant(country: str, text: str) -> str:
    """How Han characters look: as in the country, else as in the language that the text shows itself to be."""
    if country in VARIANTS:
        return VARIANTS[country]
    if KANA.search(text):
        return VARIANTS["JP"]
    return VARIANTS["KR"] if HANGUL.search(text) else VARIANTS["CN"]


@cache
def _others() -> tuple[str, ...]:
    placed = {FIRST, ARABIC, *LAST}
    return tuple(family for family in installed().families() if family not in placed and not family.startswith(HAN))
