"""The streams, and how each is asked for in GAQL.

Which report tells what, and why that one (https://developers.google.com/google-ads/api/…):
- Keywords: `keyword_view`. What was matched without a keyword (from the site's pages) is in none.
- Search terms: `search_term_view`, by ad group; "this view does not include Performance Max data", whose terms are in
  `campaign_search_term_view`, which has those of search campaigns a second time: so it is asked for Performance Max
  only (performance-max/campaign-criterion-reporting). No segment of the keyword is asked for, since it would leave out
  every term that no keyword matched. Terms that too few people used are in neither.
- Countries: `user_location_view`, "the actual physical location of the user"; `geographic_view` mixes that with what
  people were interested in.
- What is claimed, by category of action, at ad, keyword and term: without the category, purchases and leads are one
  number. `campaign_search_term_view` tells none that is known to be split so.
- Final URLs: those of the ad (`ad_group_ad.ad.final_urls`, and the suffixes and templates of all levels). Each ad's
  clicks and cost then stand once, and add up to the ad report. `landing_page_view` counts by page and segments by ad
  group: an ad that showed several links is there several times, and none of its rows knows the ad.
"""

from pyarrow import list_

from marketing_mart.streams import COUNT, DAY, FLAG, MONEY, TEXT, Claims, Stream, columns

_ACCOUNT = {"date_day": DAY, "account_id": TEXT, "account_name": TEXT, "currency": TEXT, "timezone": TEXT}
_CAMPAIGN = {
    "campaign_id": TEXT,
    "campaign_name": TEXT,
    "campaign_status": TEXT,
    "advertising_channel_type": TEXT,
}
_AD_GROUP = {"ad_group_id": TEXT, "ad_group_name": TEXT}
_METRICS = {"impressions": COUNT, "clicks": COUNT, "cost_micros": COUNT}
_CLAIMS = {"conversion_action_category": TEXT, "conversions": MONEY, "conversions_value": MONEY}
_TOTALS = ("impressions", "clicks", "cost_micros")
_CLAIMED = ("conversions", "conversions_value")
_LINKS = {
    f"{level}_{what}": TEXT
    for what in ("url_suffix", "url_template")
    for level in ("ad", "ad_group", "campaign", "account")
}

STREAMS = (
    Stream(
        "google_ads", "account_performance", "report",
        columns(**_ACCOUNT, **_METRICS),
        key=("date_day", "account_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "campaign_performance", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, **_METRICS),
        key=("date_day", "account_id", "campaign_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "ad_performance", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, **_AD_GROUP, ad_id=TEXT, ad_name=TEXT, **_METRICS),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "ad_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "conversions", "report",
        columns(
            **_ACCOUNT, campaign_id=TEXT, campaign_name=TEXT,
            conversion_action=TEXT, conversion_action_name=TEXT, **_CLAIMS,
            all_conversions=MONEY, all_conversions_value=MONEY,
        ),
        key=("date_day", "account_id", "campaign_id", "conversion_action"), day="date_day", totals=_CLAIMED,
        claims=Claims(kind="conversion_action_category"),
    ),
    Stream(
        "google_ads", "ad_conversions", "report",
        columns(
            **_ACCOUNT, campaign_id=TEXT, campaign_name=TEXT, **_AD_GROUP, ad_id=TEXT, ad_name=TEXT, **_CLAIMS,
        ),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "ad_id", "conversion_action_category"),
        day="date_day", totals=_CLAIMED,
    ),
    Stream(
        "google_ads", "keywords", "report",
        columns(
            **_ACCOUNT, **_CAMPAIGN, **_AD_GROUP,
            keyword_id=TEXT, keyword_text=TEXT, keyword_match_type=TEXT,
            **_METRICS,
        ),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "keyword_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "keyword_conversions", "report",
        columns(**_ACCOUNT, campaign_id=TEXT, ad_group_id=TEXT, keyword_id=TEXT, **_CLAIMS),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "keyword_id", "conversion_action_category"),
        day="date_day", totals=_CLAIMED,
    ),
    Stream(
        "google_ads", "search_terms", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, **_AD_GROUP, search_term=TEXT, search_match_type=TEXT, **_METRICS),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "search_term", "search_match_type"),
        day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "search_term_conversions", "report",
        columns(
            **_ACCOUNT, campaign_id=TEXT, ad_group_id=TEXT, search_term=TEXT, search_match_type=TEXT, **_CLAIMS,
        ),
        key=(
            "date_day", "account_id", "campaign_id", "ad_group_id", "search_term", "search_match_type",
            "conversion_action_category",
        ),
        day="date_day", totals=_CLAIMED,
    ),
    Stream(
        "google_ads", "campaign_search_terms", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, search_term=TEXT, **_METRICS),
        key=("date_day", "account_id", "campaign_id", "search_term"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "user_locations", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, country_id=TEXT, is_targeted=FLAG, **_METRICS),
        key=("date_day", "account_id", "campaign_id", "country_id", "is_targeted"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "ads", "entity",
        columns(
            account_id=TEXT, campaign_id=TEXT, ad_group_id=TEXT, ad_id=TEXT, ad_status=TEXT, final_urls=list_(TEXT),
            **_LINKS,
        ),
        key=("account_id", "ad_group_id", "ad_id"),
    ),
    Stream(
        "google_ads", "countries", "entity",
        columns(country_id=TEXT, country_code=TEXT, country_name=TEXT),
        key=("country_id",),
    ),
)  # fmt: skip

RESOURCES = {
    "account_performance": "customer",
    "campaign_performance": "campaign",
    "ad_performance": "ad_group_ad",
    "conversions": "campaign",
    "ad_conversions": "ad_group_ad",
    "keywords": "keyword_view",
    "keyword_conversions": "keyword_view",
    "search_terms": "search_term_view",
    "search_term_conversions": "search_term_view",
    "campaign_search_terms": "campaign_search_term_view",
    "user_locations": "user_location_view",
    "ads": "ad_group_ad",
    "countries": "geo_target_constant",
}
CONDITIONS = {
    "campaign_search_terms": "campaign.advertising_channel_type = 'PERFORMANCE_MAX'",
    "countries": "geo_target_constant.target_type = 'Country'",
}
FIELDS = {
    "date_day": "segments.date",
    "account_id": "customer.id",
    "account_name": "customer.descriptive_name",
    "currency": "customer.currency_code",
    "timezone": "customer.time_zone",
    "account_url_suffix": "customer.final_url_suffix",
    "account_url_template": "customer.tracking_url_template",
    "campaign_id": "campaign.id",
    "campaign_name": "campaign.name",
    "campaign_status": "campaign.status",
    "advertising_channel_type": "campaign.advertising_channel_type",
    "campaign_url_suffix": "campaign.final_url_suffix",
    "campaign_url_template": "campaign.tracking_url_template",
    "ad_group_id": "ad_group.id",
    "ad_group_name": "ad_group.name",
    "ad_group_url_suffix": "ad_group.final_url_suffix",
    "ad_group_url_template": "ad_group.tracking_url_template",
    "ad_id": "ad_group_ad.ad.id",
    "ad_name": "ad_group_ad.ad.name",
    "ad_status": "ad_group_ad.status",
    "final_urls": "ad_group_ad.ad.final_urls",
    "ad_url_suffix": "ad_group_ad.ad.final_url_suffix",
    "ad_url_template": "ad_group_ad.ad.tracking_url_template",
    "keyword_id": "ad_group_criterion.criterion_id",
    "keyword_text": "ad_group_criterion.keyword.text",
    "keyword_match_type": "ad_group_criterion.keyword.match_type",
    "search_term": "search_term_view.search_term",
    "search_match_type": "segments.search_term_match_type",
    "country_id": "user_location_view.country_criterion_id",
    "is_targeted": "user_location_view.targeting_location",
    "country_code": "geo_target_constant.country_code",
    "country_name": "geo_target_constant.name",
    "conversion_action": "segments.conversion_action",
    "conversion_action_name": "segments.conversion_action_name",
    "conversion_action_category": "segments.conversion_action_category",
    "impressions": "metrics.impressions",
    "clicks": "metrics.clicks",
    "cost_micros": "metrics.cost_micros",
    "conversions": "metrics.conversions",
    "conversions_value": "metrics.conversions_value",
    "all_conversions": "metrics.all_conversions",
    "all_conversions_value": "metrics.all_conversions_value",
}
_FIELDS_OF = {
    ("campaign_search_terms", "search_term"): "campaign_search_term_view.search_term",
    ("countries", "country_id"): "geo_target_constant.id",
}
# Google leaves out what is not set: accounts need no name, ads of most types have none.
MAY_LACK = {"account_name", "ad_name", "final_urls", *_LINKS}


def field_of(stream: Stream, column: str) -> str:
    """The GAQL field that a column of the stream is read from."""
    return _FIELDS_OF.get((stream.name, column)) or FIELDS[column]
