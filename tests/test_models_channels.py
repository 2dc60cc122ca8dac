"""The channel of a visit: a table of cases, one visit each, through the real models."""

from pathlib import Path

import pytest
from landed_world import LandedWorld

DAY = "2025-06-01"
Visit = tuple[str, str, str]  # source, medium, campaign
Channels = dict[Visit, str]

# what a tracker saw -> channel of GA4's default channel group
BUILT_IN: Channels = {
    ("", "", ""): "Direct",
    ("(direct)", "(none)", ""): "Direct",
    ("direct", "(not set)", ""): "Direct",
    ("google", "cpc", "us_cross-network_pmax"): "Cross-network",
    ("amazon", "cpc", ""): "Paid Shopping",
    ("partner.example", "paid", "summer-shopping"): "Paid Shopping",
    ("google", "cpc", "eshop-sale"): "Paid Shopping",
    ("google", "cpc", "workshop"): "Paid Search",  # of the letters only e may stand before shop
    ("google", "cpc", "brand"): "Paid Search",
    ("GOOGLE", "CPC", ""): "Paid Search",
    ("bing", "retargeting", ""): "Paid Search",
    ("facebook", "paid_social", ""): "Paid Social",
    ("instagram", "cpm", ""): "Paid Social",
    ("youtube.com", "cpv", ""): "Paid Video",
    ("adnet.example", "cpm", ""): "Display",
    ("adnet.example", "banner", ""): "Display",
    ("gdn", "cpc", ""): "Paid Other",
    ("ebay", "referral", ""): "Organic Shopping",
    ("partner.example", "post", "winter shop"): "Organic Shopping",
    ("facebook.com", "referral", ""): "Organic Social",
    ("partner.example", "social", ""): "Organic Social",
    ("youtube.com", "referral", ""): "Organic Video",
    ("partner.example", "video-player", ""): "Organic Video",
    ("chatgpt.com", "ai-assistant", "(ai-assistant)"): "AI Assistant",
    ("claude.ai", "referral", ""): "AI Assistant",
    ("google", "organic", ""): "Organic Search",
    ("duckduckgo", "", ""): "Organic Search",
    ("partner.example", "organic", ""): "Organic Search",
    ("partner.example", "referral", ""): "Referral",
    ("partner.example", "link", ""): "Referral",
    ("newsletter", "e-mail", ""): "Email",
    ("e_mail", "push-ish", ""): "Email",
    ("partnernet", "affiliate", ""): "Affiliates",
    ("podcast", "audio", ""): "Audio",
    ("sms", "blast", ""): "SMS",
    ("app.example", "web push", ""): "Mobile Push Notifications",
    ("firebase", "x", ""): "Mobile Push Notifications",
    ("flyer", "print", "city_flyer"): "Unassigned",
}
RULES = [
    {"channel": "Partner's", "source": "homeblog\\..*", "medium": "referral|cpc"},
    {"channel": "Untagged Email", "source": "", "medium": "email"},
    {"channel": "Brand", "campaign": "brand.*"},
    {"channel": "Never", "campaign": "brand"},  # the rule before it has taken these
]
CONFIGURED: Channels = {
    ("HomeBlog.example", "referral", ""): "Partner's",
    ("homeblog.example", "referrals", ""): "Unassigned",  # full match: referrals is not referral
    ("", "email", ""): "Untagged Email",  # a missing value is the empty text
    ("x", "email", ""): "Email",
    ("google", "cpc", "Brand"): "Brand",
    ("google", "cpc", "my brand"): "Paid Search",
}


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Channels:
    return _channels(tmp_path_factory.mktemp("built_in"), BUILT_IN, [])


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Channels:
    return _channels(tmp_path_factory.mktemp("configured"), CONFIGURED, RULES)


@pytest.mark.parametrize("visit", BUILT_IN, ids=str)
def test_built_in_rules(built_in: Channels, visit: Visit) -> None:
    assert built_in[visit] == BUILT_IN[visit]


@pytest.mark.parametrize("visit", CONFIGURED, ids=str)
def test_rules_of_config_come_first(configured: Channels, visit: Visit) -> None:
    assert configured[visit] == CONFIGURED[visit]


def _channels(folder: Path, cases: Channels, rules: list[dict[str, str]]) -> Channels:
    world = LandedWorld(folder)
    for number, (source, medium, campaign) in enumerate(cases):
        visit = {"session_id": str(number), "date_day": DAY, "started_at": f"{DAY}T10:00+00:00"}
        world.land("files", "sessions", [visit | {"source": source, "medium": medium, "campaign": campaign}])
    only_models = ("--exclude-resource-type", "test", "unit_test")
    world.build("--select", "+fct_sessions", *only_models, channel_rules=rules, mart_date=DAY, kpi_start=DAY)
    rows = world.rows("select utm_source, utm_medium, utm_campaign, channel from mart.fct_sessions")
    return {(row["utm_source"], row["utm_medium"], row["utm_campaign"]): row["channel"] for row in rows}
