"""What the columns of published files by LSOA mean, whatever year and publisher they are of.

Sources: Indices of Deprivation 2019 and 2025, File 7 (MHCLG); mid-year estimates by LSOA and single year of age, from
SAPE23DT2 (mid-2020) to "Mid-2024 LSOA 2021" (ONS); lookups of the Open Geography Portal (ONS: LSOA to ward and
district, LSOA 2011 to LSOA 2021, boundaries with LAT and LONG); Census 2021 bulk tables TS011, TS017, TS021 and TS038
(Nomis).
"""

from __future__ import annotations

import re

from scenarios.place_schema import COMMUNITIES, COMMUNITIES_OPTIONAL, IMD_AREAS

# Keys, the surest first: LSOAs of a year, of either year, and a column called code, which may be of anything.
LSOA_2021, LSOA_2011, LSOA, CODE = "lsoa_2021", "lsoa_2011", "lsoa", "code"
LSOA_KEYS = (LSOA_2021, LSOA_2011, LSOA, CODE)
OF_EITHER_YEAR = (LSOA, CODE)
VINTAGES = {LSOA_2011: "2011", LSOA_2021: "2021"}
RANKED_ON = {"2011": "2019", "2021": "2025"}  # LSOAs of which year: the edition of the indices ranked on them
PUBLISHED_CODE = re.compile(r"[EW]01\d{6}")  # an LSOA of England or Wales: files of both are read
ENGLISH_CODE = re.compile(r"E01\d{6}")  # places are of England alone
OWN_CODE = re.compile(r"(?![A-Za-z]\d{5}).*|E01\d{6}")  # of a column called code: of invented areas too, but no slip
OLDEST = 90  # of single years of age; the last takes everyone older
RANK = "imd_rank"
ETHNIC = ("asian", "black", "mixed", "white", "other")
DIMENSIONS = ("not deprived in any dimension", *(f"deprived in {n} dimension" for n in ("one", "two", "three", "four")))
RULES = (
    (r"lsoa 2021 code|lsoa code \(2021\)|lsoa21cd|lsoa21_code|geography code", LSOA_2021),
    (r"lsoa 2011 code|lsoa code \(2011\)|lsoa11cd|lsoa11_code", LSOA_2011),
    (r"lsoa code|lsoa|lsoa_code", LSOA),
    (r"code", CODE),
    (r"lsoa 2021 name|lsoa name \(2021\)|lsoa21nm|lsoa21_name", "name_2021"),
    (r"lsoa 2011 name|lsoa name \(2011\)|lsoa11nm|lsoa11_name", "name_2011"),
    (r"lsoa name|lsoa_name", "name"),
    (r"lad 20\d\d code|local authority district code \(20\d\d\)|l?t?lad?\d\d(cd|_code)|lad_code", "borough_code"),
    (r"lad 20\d\d name|local authority district name \(20\d\d\)|l?t?lad?\d\d(nm|_name)|lad_name", "borough"),
    (r"la code \(20\d\d boundaries\)", "borough_code"),
    (r"la name \(20\d\d boundaries\)", "borough"),
    (r"wd\d\dcd|ward\d\d_code|ward code|ward_code", "ward_code"),
    (r"wd\d\dnm|ward\d\d_name|ward name|ward_name", "ward"),
    (r"index of multiple deprivation \(imd\) rank.*|imd_rank", RANK),
    (r"all ages", "population"),
    (r"90\+", f"persons_{OLDEST}"),
    (r"latitude", "lat"),
    (r"long|longitude", "lon"),
    (r"household deprivation: total: all households", "census_households"),
    (r"household size: total: all household spaces", "households_by_size"),
    (r"household size: 1 person in household", "one_person_households"),
    (r"ethnic group: total: all usual residents", "census_residents"),
    (r"disability: total: all usual residents", "asked_of_disability"),
    (r"disability: disabled under the equality act", "disabled"),
    *((rf"ethnic group: {group}[^:]*", f"ethnic_{group}") for group in ETHNIC),
    *((rf"household deprivation: household is {of}s?", f"households_deprived_{n}") for n, of in enumerate(DIMENSIONS)),
)
OURS = tuple(column.name for column in (*COMMUNITIES, *COMMUNITIES_OPTIONAL) if column.name != CODE)
SINGLE = re.compile(r"([fm]?)(\d{1,2})")
SEXES = {"f": "female", "m": "male", "": "persons"}
YEAR = re.compile(r"(?:20)?(\d\d)\D*$")


def plain(header: str) -> str:
    """Return a header as it is compared: in small letters, one space between words, no mark of Nomis' measures."""
    return " ".join(header.lower().replace("\ufeff", "").split()).removesuffix("; measures: value")


def meaning(header: str) -> str:
    """Return what a column is to us: a key, a column of communities.csv, a single year of age; '' if nothing."""
    words = plain(header)
    if words in OURS:
        return words
    for pattern, name in RULES:
        if re.fullmatch(pattern, words):
            return name
    single = SINGLE.fullmatch(words)
    if single and int(single[2]) <= OLDEST:
        return f"{SEXES[single[1]]}_{int(single[2])}"
    return ""


def form_of(key: str) -> re.Pattern[str]:
    """Return the form that codes of a place have in a column of that meaning."""
    return OWN_CODE if key == CODE else ENGLISH_CODE


def year_of(header: str) -> int:
    """Return the year (two digits) that a header such as 'LAD24NM' or 'LA name (2021 boundaries)' is of; 0 if none."""
    found = YEAR.search(plain(header))
    return int(found[1]) if found else 0


def rank_column(key: str) -> str:
    """Return the column of ranks that a table keyed by ``key`` holds; '' if its key does not tell the edition."""
    vintage = VINTAGES.get(key, "")
    return f"imd_{RANKED_ON[vintage]}_rank" if vintage else ""


def editions() -> tuple[str, ...]:
    """Return the editions of the indices, oldest first."""
    return tuple(IMD_AREAS)
