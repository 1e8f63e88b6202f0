"""The words of which the synthetic people and companies are made. Data only; everything is invented.

Names of people are made of syllables that form no common name; domains end in `.example` (RFC 2606), and phone
numbers are in the range reserved for fiction (555-0100 to 555-0199).
"""

from attrs import frozen

__all__ = [
    "AREA_CODES",
    "COMPANY_KINDS",
    "COMPANY_NOUNS",
    "COMPANY_QUALITIES",
    "COMPANY_TYPES",
    "DEPARTMENTS",
    "FIRST_NAMES",
    "FUNDING_ROUNDS",
    "INDUSTRIES",
    "INTENT_TOPICS",
    "LAST_NAMES",
    "PLACES",
    "ROLES",
    "SCHOOLS",
    "SENIORITIES",
    "SIZES",
    "SKILLS",
    "TECHNOLOGIES",
    "Industry",
    "Place",
    "Role",
    "Size",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMPANY_QUALITIES = _words(
    """
    Amber Ashen Azure Basalt Birch Bright Bronze Calm Cedar Clear Cobalt Copper Coral Crimson Dawn Deep
    Dusk Elm Ember Fern Flint Frost Gilded Glass Golden Granite Green Hazel High Hollow Indigo Iron
    Ivory Jade Juniper Late Laurel Lilac Lunar Maple Marble Misty Noble North Oaken Ochre Olive Onyx
    Opal Pale Pearl Quiet Rapid Rowan Ruby Sable Scarlet Silver Slate Solar Umber
    """
)  # 61
COMPANY_NOUNS = _words(
    """
    Anchor Arbor Arrow Badger Beacon Bison Bluff Bridge Brook Canyon Castle Cliff Compass Condor Crane
    Creek Delta Falcon Fjord Forest Fox Garden Gate Glacier Grove Harbor Hare Haven Hawk Heron Hill
    Island Kestrel Lake Lantern Lark Ledge Lynx Marsh Meadow Mesa Mill Moor Otter Owl Peak Pine Plain
    Prairie Quarry Raven Reef Ridge River Robin Sail Shore Spring Spruce Stone Summit Swift Thicket Tide
    Tower Valley Willow
    """
)  # 67
COMPANY_KINDS = _words(
    """
    Labs Systems Works Partners Group Analytics Robotics Foods Energy Health Capital Logistics Media
    Software Networks Studio Supply
    """
)  # 17

_ONSETS = _words("Bram Cald Dorr Elv Fenn Garr Hald Istr Jorv Kell Lorr Marv")
_CODAS = _words("abeth adon aline amir anna ario asha elan erin ette ina")
FIRST_NAMES = tuple(onset + coda for onset in _ONSETS for coda in _CODAS)[:127]
_STEMS = _words("Ashk Brind Corv Dunm Eskr Fairb Gresk Holv Immer Kest Larkm Mostr")
_ENDINGS = _words("adale after aldine arrow ebank efold egate erby eworth inghall ovane")
LAST_NAMES = tuple(stem + ending for stem in _STEMS for ending in _ENDINGS)[:131]

AREA_CODES = (202, 303, 404, 505, 602, 703, 808, 206, 312, 415, 512, 617, 713, 802, 907, 214, 305, 414, 503)


@frozen(kw_only=True)
class Place:
    """A city, with the members of the vendor's location objects."""

    city: str
    state: str | None
    state_code: str | None
    country: str
    iso2: str
    continent: str
    zip_code: str
    coordinates: tuple[float, float]
    """Longitude, latitude."""
    eu: bool = False


def _place(line: str) -> Place:
    city, state, code, country, iso2, continent, zip_code, longitude, latitude, *eu = line.split("|")
    return Place(
        city=city,
        state=state or None,
        state_code=code or None,
        country=country,
        iso2=iso2,
        continent=continent,
        zip_code=zip_code,
        coordinates=(float(longitude), float(latitude)),
        eu=bool(eu),
    )


PLACES = tuple(
    _place(line)
    for line in """\
San Francisco|California|CA|United States|US|North America|94105|-122.42|37.77
New York City|New York|NY|United States|US|North America|10001|-74.01|40.71
Boston|Massachusetts|MA|United States|US|North America|02199|-71.06|42.36
Austin|Texas|TX|United States|US|North America|78701|-97.74|30.27
Chicago|Illinois|IL|United States|US|North America|60601|-87.63|41.88
Seattle|Washington|WA|United States|US|North America|98101|-122.33|47.61
Denver|Colorado|CO|United States|US|North America|80202|-104.99|39.74
Atlanta|Georgia|GA|United States|US|North America|30303|-84.39|33.75
Toronto|Ontario|ON|Canada|CA|North America|M5H|-79.38|43.65
Vancouver|British Columbia|BC|Canada|CA|North America|V6B|-123.12|49.28
London|England|ENG|United Kingdom|GB|Europe|EC1A|-0.13|51.51
Manchester|England|ENG|United Kingdom|GB|Europe|M1|-2.24|53.48
Dublin|||Ireland|IE|Europe|D02|-6.26|53.35|eu
Paris|||France|FR|Europe|75001|2.35|48.86|eu
Berlin|||Germany|DE|Europe|10115|13.40|52.52|eu
Munich|Bavaria|BY|Germany|DE|Europe|80331|11.58|48.14|eu
Amsterdam|||Netherlands|NL|Europe|1011|4.90|52.37|eu
Madrid|||Spain|ES|Europe|28001|-3.70|40.42|eu
Stockholm|||Sweden|SE|Europe|11120|18.07|59.33|eu
Warsaw|||Poland|PL|Europe|00-001|21.01|52.23|eu
Tel Aviv|||Israel|IL|Asia|61000|34.78|32.08
Bengaluru|Karnataka|KA|India|IN|Asia|560001|77.59|12.97
Singapore|||Singapore|SG|Asia|018956|103.82|1.35
Tokyo|||Japan|JP|Asia|100-0001|139.69|35.69
Sydney|New South Wales|NSW|Australia|AU|Oceania|2000|151.21|-33.87
Sao Paulo|Sao Paulo|SP|Brazil|BR|South America|01000|-46.63|-23.55
Nairobi|||Kenya|KE|Africa|00100|36.82|-1.29
""".splitlines()
)

DEPARTMENTS = (
    "Business Development",
    "Consulting",
    "Customer Service",
    "Engineering & Technical",
    "Finance",
    "General Management",
    "Human Resources",
    "Information Technology",
    "Legal",
    "Marketing",
    "Operations",
    "Product",
    "Research & Analytics",
    "Sales",
    "Other",
)

SENIORITIES = {
    1: "Other",
    2: "Intern",
    3: "Entry",
    4: "Senior",
    5: "Manager",
    6: "Director",
    7: "Partner",
    8: "Vice President",
    9: "C-Suite",
    10: "Founder",
}
"""The labels in answers, by the numeric id in filters."""


@frozen(kw_only=True)
class Role:
    """A job title with the department and seniority that go with it."""

    title: str
    department: str
    seniority: int


def _roles() -> tuple[tuple[Role, int], ...]:
    ladder = (
        ("{} Specialist", 3, 4),
        ("Senior {} Specialist", 4, 4),
        ("{} Manager", 5, 4),
        ("Director of {}", 6, 3),
        ("Vice President of {}", 8, 2),
        ("{} Intern", 2, 1),
    )
    roles = [
        (Role(title=form.format(department), department=department, seniority=seniority), weight)
        for department in DEPARTMENTS[:-1]
        for form, seniority, weight in ladder
    ]
    tops = (
        ("Chief Executive Officer", "General Management", 9),
        ("Chief Technology Officer", "Engineering & Technical", 9),
        ("Chief Financial Officer", "Finance", 9),
        ("Chief Marketing Officer", "Marketing", 9),
        ("Founder", "General Management", 10),
        ("Managing Partner", "Legal", 7),
        ("Software Engineer", "Engineering & Technical", 3),
        ("Account Executive", "Sales", 3),
        ("Volunteer", "Other", 1),
    )
    roles += [(Role(title=title, department=department, seniority=rank), 3) for title, department, rank in tops]
    return tuple(roles)


ROLES = _roles()


@frozen(kw_only=True)
class Industry:
    """A sub-industry under its main industry, with the codes of the official classifications."""

    main: str
    main_id: int
    sub: str
    sub_id: int
    sic: tuple[int, str]
    naics: tuple[int, str]


def _industry(position: int, line: str) -> Industry:
    main_id, main, sub, sic, sic_text, naics, naics_text = line.split("|")
    return Industry(
        main=main,
        main_id=int(main_id),
        sub=sub,
        sub_id=100 + position,
        sic=(int(sic), sic_text),
        naics=(int(naics), naics_text),
    )


INDUSTRIES = tuple(
    _industry(position, line)
    for position, line in enumerate(
        """\
1|Technology, Information & Media|Software Development|7371|Custom computer programming|541511|Custom programming
1|Technology, Information & Media|Data Infrastructure|7374|Data processing|518210|Data hosting
1|Technology, Information & Media|Online Media|2741|Miscellaneous publishing|516210|Media streaming
2|Finance|Banking|6022|State commercial banks|522110|Commercial banking
2|Finance|Insurance|6411|Insurance agents|524210|Insurance agencies
3|Healthcare|Hospitals|8062|General hospitals|622110|General hospitals
3|Healthcare|Biotechnology|8731|Physical research|541714|Biotechnology research
4|Manufacturing|Industrial Machinery|3559|Special machinery|333248|Industrial machinery
4|Manufacturing|Automation|3823|Process instruments|334513|Process instruments
5|Retail|Online Retail|5961|Mail order houses|455110|Department stores
6|Professional Services|Consulting|8742|Management consulting|541611|Management consulting
6|Professional Services|Legal Services|8111|Legal services|541110|Offices of lawyers
7|Education|Higher Education|8221|Colleges and universities|611310|Colleges and universities
8|Construction|Building Construction|1542|Nonresidential contractors|236220|Commercial building
9|Energy & Utilities|Renewable Energy|4911|Electric services|221114|Solar power
10|Transportation & Logistics|Freight|4731|Freight arrangement|488510|Freight arrangement
11|Hospitality|Food Services|5812|Eating places|722511|Full-service restaurants
12|Real Estate|Property Management|6531|Real estate managers|531311|Property managers
13|Government|Public Administration|9199|General government|921190|General government support
14|Non-profit|Civic Organisations|8641|Civic associations|813410|Civic organisations
15|Agriculture|Crop Production|0191|General farms|111998|Other crop farming
16|Entertainment|Events|7929|Entertainers|711310|Event promoters
17|Telecommunications|Networks|4813|Telephone communications|517111|Wired carriers
""".splitlines()
    )
)


@frozen(kw_only=True)
class Size:
    """A bucket of employee counts with the revenues that go with it (US dollars)."""

    low: int
    high: int | None
    revenue_low: int
    revenue_high: int


SIZES = tuple(
    (Size(low=low, high=high, revenue_low=revenue_low, revenue_high=revenue_high), weight)
    for low, high, revenue_low, revenue_high, weight in (
        (1, 10, 1, 1_000_000, 5),
        (11, 50, 1_000_000, 10_000_000, 6),
        (51, 200, 10_000_000, 50_000_000, 5),
        (201, 500, 50_000_000, 100_000_000, 3),
        (501, 1_000, 100_000_000, 250_000_000, 2),
        (1_001, 5_000, 250_000_000, 1_000_000_000, 2),
        (5_001, 10_000, 1_000_000_000, 10_000_000_000, 1),
        (10_001, 100_000, 10_000_000_000, 100_000_000_000, 1),
        (100_001, None, 100_000_000_000, 1_000_000_000_000, 1),
    )
)

COMPANY_TYPES = (
    ("Private Company", 12),
    ("Public Company", 4),
    ("Non Profit", 2),
    ("Government", 1),
    ("Educational", 1),
    ("Self Employed", 1),
)

TECHNOLOGIES = _words(
    """
    Alphabase Bravoqueue Charliecrm Deltalake Echometrics Foxtrotmail Golfstack Hotelcache Indialytics
    Julietflow Kiloform Limawatch Mikevault Novembercloud Oscarsearch Papadesk Quebecpay Romeosync
    Sierrasign Tangoboard
    """
)
INTENT_TOPICS = (
    "Account Based Marketing",
    "Business Intelligence",
    "Cloud Migration",
    "Customer Data Platform",
    "Data Enrichment",
    "Endpoint Security",
    "Expense Management",
    "Lead Generation",
    "Payroll",
    "Sales Automation",
    "Supply Chain",
    "Video Conferencing",
)
SKILLS = (
    "Budgeting",
    "Contract Negotiation",
    "Data Analysis",
    "Forecasting",
    "Lead Generation",
    "Machine Learning",
    "Project Management",
    "Public Speaking",
    "Python",
    "Recruiting",
    "Strategy",
    "Team Leadership",
)
SCHOOLS = (
    "Birchwood University",
    "Eastlake College",
    "Fenmoor Institute",
    "Northgate University",
    "Saltmarsh Academy",
)
FUNDING_ROUNDS = ("pre_seed", "seed", "series_a", "series_b", "series_c", "series_d")
