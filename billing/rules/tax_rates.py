"""Which tax a country takes, and since when: data, in basis points. A country that is not here takes none of us."""

from datetime import date

# Standard rates, oldest first; each is in force until the next one.
STANDARD: dict[str, tuple[tuple[date, int], ...]] = {
    "AT": ((date(1984, 1, 1), 2000),),
    "BE": ((date(1996, 1, 1), 2100),),
    "BG": ((date(1999, 1, 1), 2000),),
    "CH": ((date(2018, 1, 1), 770), (date(2024, 1, 1), 810)),
    "CY": ((date(2014, 1, 13), 1900),),
    "CZ": ((date(2013, 1, 1), 2100),),
    "DE": ((date(2007, 1, 1), 1900), (date(2020, 7, 1), 1600), (date(2021, 1, 1), 1900)),
    "DK": ((date(1992, 1, 1), 2500),),
    "EE": ((date(2009, 7, 1), 2000), (date(2024, 1, 1), 2200), (date(2025, 7, 1), 2400)),
    "ES": ((date(2012, 9, 1), 2100),),
    "FI": ((date(2013, 1, 1), 2400), (date(2024, 9, 1), 2550)),
    "FR": ((date(2014, 1, 1), 2000),),
    "GB": ((date(2011, 1, 4), 2000),),
    "GR": ((date(2016, 6, 1), 2400),),
    "HR": ((date(2012, 3, 1), 2500),),
    "HU": ((date(2012, 1, 1), 2700),),
    "IE": ((date(2012, 1, 1), 2300), (date(2020, 9, 1), 2100), (date(2021, 3, 1), 2300)),
    "IT": ((date(2013, 10, 1), 2200),),
    "JP": ((date(2014, 4, 1), 800), (date(2019, 10, 1), 1000)),
    "LT": ((date(2009, 9, 1), 2100),),
    "LU": ((date(2015, 1, 1), 1700), (date(2023, 1, 1), 1600), (date(2024, 1, 1), 1700)),
    "LV": ((date(2012, 7, 1), 2100),),
    "MT": ((date(2004, 1, 1), 1800),),
    "NL": ((date(2012, 10, 1), 2100),),
    "PL": ((date(2011, 1, 1), 2300),),
    "PT": ((date(2011, 1, 1), 2300),),
    "RO": ((date(2017, 1, 1), 1900), (date(2025, 8, 1), 2100)),
    "SE": ((date(1990, 7, 1), 2500),),
    "SI": ((date(2013, 7, 1), 2200),),
    "SK": ((date(2011, 1, 1), 2000), (date(2025, 1, 1), 2300)),
}
NAMES = {"JP": "Consumption tax"}  # the others say VAT
OUTSIDE_UNION = {"CH", "GB", "JP"}
UNION = STANDARD.keys() - OUTSIDE_UNION
