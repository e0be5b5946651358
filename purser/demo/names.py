"""What the people of the demo are called, in several scripts, and how mail addresses spell them."""
# ruff: noqa: RUF001  # people write their names in the letters of their language

from dataclasses import dataclass
from random import Random

Name = tuple[str, str]


@dataclass(frozen=True)
class Culture:
    """Given and family names, each `shown:as-in-an-address`; without the second part, the first in lower case."""

    given: str
    family: str
    written: str = "{given} {family}"

    def name(self, random: Random) -> Name:
        """A name, and the same as the local part of an address."""
        given, local = spelt(random.choice(self.given.split()))
        family, of_family = spelt(random.choice(self.family.split()))
        return self.written.format(given=given, family=family), f"{local}.{of_family}"


def spelt(word: str) -> Name:
    """What a word of a culture shows, and how an address spells it."""
    shown, _, latin = word.partition(":")
    return shown, latin or shown.lower()


WESTERN = Culture(
    "Amelia Daniel Grace Henry Isla Jack Maya Noah Oliver Priya Ruby Samuel Tessa Victor Wendy Arjun Fatima Kofi Ngozi",
    "Adeyemi Baker Carter Dawson Ellis Fletcher Grant Hughes Iyer Jackson Kapoor Mensah Novak O’Brien:obrien Patel "
    "Quinn Reid Shaw Turner Walsh",
)
ACCENTED = Culture(
    "André:andre Chloé:chloe Núria:nuria Søren:soren Jürgen:juergen Łucja:lucja Åsa:asa Inês:ines Márton:marton "
    "Željko:zeljko Björn:bjoern Zoë:zoe François:francois Şebnem:sebnem Mário:mario Matěj:matej Đorđe:djordje",
    "Müller:mueller García:garcia Lefèvre:lefevre Østergård:ostergard Wałęsa:walesa Çelik:celik Gonçalves:goncalves "
    "Šimić:simic Bárány:barany Dvořák:dvorak Strauß:strauss Ibáñez:ibanez Lindström:lindstrom Żak:zak Peña:pena",
)
CYRILLIC = Culture(
    "Ольга:olha Дмитро:dmytro Марія:mariia Анна:anna Іван:ivan Наталія:nataliia Юлія:yuliia Тарас:taras",
    "Шевченко:shevchenko Лисенко:lysenko Савчук:savchuk Бондаренко:bondarenko Кравець:kravets Мельник:melnyk",
)
JAPANESE = Culture(
    "美咲:misaki 健太:kenta 陽菜:hina 大輔:daisuke 翔太:shota 恵子:keiko 直樹:naoki 結衣:yui",
    "佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 小林:kobayashi 加藤:kato",
    "{family} {given}",
)
CHINESE = Culture(
    "伟:wei 芳:fang 秀英:xiuying 磊:lei 敏:min 静:jing 洋:yang 雪:xue",
    "王:wang 李:li 张:zhang 刘:liu 陈:chen 赵:zhao 黄:huang",
    "{family}{given}",
)
KOREAN = Culture(
    "민준:minjun 서연:seoyeon 지훈:jihun 하은:haeun 도윤:doyun 수빈:subin",
    "김:kim 이:lee 박:park 최:choi 정:jung 강:kang",
    "{family}{given}",
)
ARABIC = Culture(
    "يوسف:yousef مريم:maryam خالد:khaled نور:nour سارة:sara عمر:omar هدى:huda",
    "الخطيب:alkhatib حداد:haddad منصور:mansour الزهراني:alzahrani صالح:saleh نجار:najjar",
)
GREEK = Culture(
    "Νίκος:nikos Ελένη:eleni Γιώργος:giorgos Σοφία:sofia",
    "Αλεξίου:alexiou Οικονόμου:oikonomou Δήμου:dimou",
)
INDIC = Culture("प्रिया:priya रोहन:rohan अनन्या:ananya विकास:vikas", "शर्मा:sharma गुप्ता:gupta वर्मा:verma जोशी:joshi")

CULTURES = (*[WESTERN] * 4, *[ACCENTED] * 4, CYRILLIC, JAPANESE, CHINESE, KOREAN, ARABIC, GREEK, INDIC)
TRIES = 5  # at a name that nobody has yet


class Directory:
    """Gives names, and addresses of which each is given once."""

    def __init__(self, random: Random, domain: str) -> None:
        self.random, self.domain = random, domain
        self.given: dict[str, int] = {}

    def next(self) -> Name:
        """A name and a new address."""
        for _ in range(TRIES):
            name, local = self.random.choice(CULTURES).name(self.random)
            if local not in self.given:
                break
        count = self.given[local] = self.given.get(local, 0) + 1
        return name, f"{local}{count if count > 1 else ''}@{self.domain}"
