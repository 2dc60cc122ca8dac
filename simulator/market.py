"""Accounts and campaigns of the ad platforms: what runs when, under which name, how strongly."""

from dataclasses import dataclass
from datetime import date, timedelta

from simulator.nouns import Account, Ad, AdGroup, Campaign, Keyword

SITE = "https://www.harbourandpine.example.com"

ACCOUNTS = (
    Account("google_ads", "1234567890", "Harbour & Pine US", "USD", "America/New_York"),
    Account("google_ads", "2345678901", "Harbour & Pine EU", "EUR", "Europe/Berlin"),
    Account("meta_ads", "act_1001", "Harbour & Pine UK", "GBP", "Europe/London"),
    Account("meta_ads", "act_1002", "Harbour & Pine US Social", "USD", "America/Los_Angeles"),
)

CHANNEL_OF_KIND = {
    "search": "Paid Search",
    "performance_max": "Cross-network",
    "demand_gen": "Cross-network",
    "display": "Paid Other",
    "video": "Paid Other",
    "social": "Paid Social",
}

# Where the people are who see an account's ads, by country: parts of a thousand. The first is the one it targets.
COUNTRIES_OF_ACCOUNT = {
    "1234567890": {"US": 930, "CA": 55, "MX": 15},
    "2345678901": {"DE": 820, "AT": 130, "CH": 50},
    "act_1001": {"GB": 1000},
    "act_1002": {"US": 1000},
}

# Click-through rate and cost of a click by kind of campaign; the cost is in the account's currency.
CLICK_RATE = {
    "search": 0.055,
    "performance_max": 0.018,
    "demand_gen": 0.012,
    "display": 0.006,
    "video": 0.008,
    "social": 0.013,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign over its whole life. `names`: (first day, name), oldest first. `months`: when it
    runs, empty for always. `share`: its part of all paid clicks on an ordinary day."""

    account: Account
    campaign_id: str
    names: tuple[tuple[date, str], ...]
    kind: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    share: float
    cost_of_click: float
    starts_on: date
    ends_on: date | None
    months: tuple[int, ...]
    ad_groups: tuple[AdGroup, ...]
    terms: tuple[str, ...]
    url_suffix: str = ""

    @property
    def channel(self) -> str:
        return CHANNEL_OF_KIND[self.kind]

    def runs_on(self, day: date) -> bool:
        if day < self.starts_on or (self.ends_on is not None and day > self.ends_on):
            return False
        return not self.months or day.month in self.months

    def name_on(self, day: date) -> str:
        known = [name for since, name in self.names if since <= day]
        return known[-1] if known else self.names[0][1]

    def as_of(self, day: date) -> Campaign:
        """The campaign as its platform shows it on `day`."""
        return Campaign(
            account=self.account,
            campaign_id=self.campaign_id,
            name=self.name_on(day),
            kind=self.kind,
            status="enabled" if self.runs_on(day) else "paused",
            channel=self.channel,
            utm_campaign=self.utm_campaign,
            starts_on=self.starts_on,
            ad_groups=self.ad_groups,
            url_suffix=self.url_suffix,
        )


_START = date(2024, 1, 1)
_BRAND = ("marketing mart", "marketing mart lamps", "harbour and pine marketing mart")  # what the shop is called
_GENERIC = ("linen bedding", "oak side table", "wool throw", "ceramic table lamp", "rattan basket")

# Only Meta's campaigns get renamed: Google tells a campaign's present name for every day, so days that are not read
# again keep the former name, and what a mart holds would depend on when it was loaded.
# A campaign can't be moved to another account: it ends in one and begins anew in the other, by a new number and the
# same name.
# account, name, kind, utm source, utm medium, utm campaign, share, cost of a click, extras
# fmt: off
_CAMPAIGNS = (
    (0, "US Search Brand", "search", "google", "cpc", "us_search_brand", 0.10, 0.99, {"terms": _BRAND}),
    (0, "US Search Generic", "search", "google", "cpc", "us_search_generic", 0.13, 3.33, {
        "terms": _GENERIC,
    }),
    (0, "US Cross-network PMax", "performance_max", "google", "cpc", "us_cross-network_pmax", 0.12, 1.89, {}),
    (0, "US Display Remarketing", "display", "gdn", "cpc", "us_display_remarketing", 0.06, 0.68, {}),
    (0, "US Demand Gen Spring", "demand_gen", "google", "cpc", "us_cross-network_demandgen", 0.06, 1.12, {
        "months": (3, 4, 5, 9, 10),
    }),
    (1, "DE Suche Marke", "search", "google", "cpc", "de_search_brand", 0.08, 0.81, {"terms": _BRAND}),
    (1, "DE Suche Generisch", "search", "google", "cpc", "de_search_generic", 0.09, 2.52, {
        "terms": ("leinen bettwäsche", "eiche beistelltisch", "wolldecke"),
    }),
    (1, "DE Cross-network PMax", "performance_max", "google", "cpc", "de_cross-network_pmax", 0.08, 1.53, {
        "starts": date(2024, 5, 1),
    }),
    (1, "DE Display Herbst", "display", "gdn", "cpc", "de_display_autumn", 0.03, 0.54, {"months": (9, 10, 11)}),
    (1, "DE Video", "video", "gvp", "cpv", "de_video_brand", 0.04, 0.40, {
        "ends": date(2026, 3, 31), "moved": (date(2025, 5, 12), 0),
    }),
    (2, "UK Prospecting", "social", "facebook", "paid_social", "uk_prospecting", 0.09, 1.08, {}),
    (2, "UK Retargeting", "social", "instagram", "paid_social", "uk_retargeting", 0.05, 0.81, {
        "renamed": (date(2025, 6, 3), "UK Retargeting 14 days"),
    }),
    (2, "UK Christmas", "social", "facebook", "cpc", "uk_christmas", 0.05, 1.35, {"months": (11, 12)}),
    (3, "US Prospecting", "social", "facebook", "cpc", "us_prospecting", 0.08, 1.62, {
        "renamed": (date(2025, 4, 10), "US Prospecting Broad"),
    }),
    (3, "US Lead Forms", "social", "facebook", "paid_social", "us_lead_forms", 0.05, 2.34, {}),
    (3, "US Collections", "social", "instagram", "cpc", "us_collections", 0.04, 1.26, {
        "starts": date(2024, 9, 2), "carousels": True,
    }),
)
# fmt: on

_THEMES = ("Bedroom", "Living Room", "Lighting")
_MATCH_TYPES = ("EXACT", "PHRASE", "BROAD")
# Accounts that write the campaign's parameters once, not into each link; the platform fills in the ad's number.
_SUFFIX_OF_ACCOUNT = {0: "{creative}", 2: "{{ad.id}}"}


def plans(copies: int) -> tuple[Plan, ...]:
    """All campaigns; `copies` > 1 splits each into that many, which share its clicks."""
    made = []
    for number, (account, name, kind, source, medium, utm, share, cost, extra) in enumerate(_CAMPAIGNS):
        for copy in range(copies):
            suffix = f" {copy + 1}" if copy else ""
            start, end = extra.get("starts", _START), extra.get("ends")
            names = ((start, name + suffix),)
            if "renamed" in extra:
                names += ((extra["renamed"][0], extra["renamed"][1] + suffix),)
            stays = [(account, start, end)]
            if "moved" in extra:
                moved_on, new_account = extra["moved"]
                stays = [(account, start, moved_on - timedelta(days=1)), (new_account, moved_on, end)]
            for of_account, first, last in stays:
                campaign_id = f"{2 if of_account < 2 else 1202}{of_account + 1}{number:04d}{copy:03d}01"
                utm_campaign = f"{utm}_{copy + 1}" if copy else utm
                parameters = f"utm_source={source}&utm_medium={medium}&utm_campaign={utm_campaign}"
                has_suffix = of_account in _SUFFIX_OF_ACCOUNT
                made.append(
                    Plan(
                        ACCOUNTS[of_account],
                        campaign_id,
                        names,
                        kind,
                        source,
                        medium,
                        utm_campaign,
                        share / copies,
                        cost,
                        first,
                        last,
                        extra.get("months", ()),
                        () if kind == "performance_max" else _ad_groups(campaign_id, parameters, extra),
                        extra.get("terms", ()),
                        f"{parameters}&utm_content={_SUFFIX_OF_ACCOUNT[of_account]}" if has_suffix else "",
                    )
                )
    return tuple(made)


def _ad_groups(campaign_id: str, parameters: str, extra: dict) -> tuple[AdGroup, ...]:
    groups = []
    for number, theme in enumerate(_THEMES, start=1):
        ads = []
        for variant in ("A", "B"):
            ad_id = f"{campaign_id}{number}{variant == 'B':d}7"
            others = [other for other in _THEMES if other != theme] if extra.get("carousels") and variant == "B" else []
            first, *more = [_landing(one, parameters, ad_id) for one in (theme, *others)]
            ads.append(Ad(ad_id, f"{theme} {variant}", first, tuple(more)))
        keywords = tuple(
            Keyword(f"{campaign_id}{number}8{place}", term, _MATCH_TYPES[place % 3])
            for place, term in enumerate(extra.get("terms", ()))
        )
        groups.append(AdGroup(f"{campaign_id}{number}9", theme, tuple(ads), keywords))
    return tuple(groups)


def _landing(theme: str, parameters: str, ad_id: str) -> str:
    return f"{SITE}/collections/{theme.lower().replace(' ', '-')}?{parameters}&utm_content={ad_id}"
