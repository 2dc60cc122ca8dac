"""What the rows of a GAQL resource are about: accounts, campaigns, ads, keywords, search terms, countries.

Attributes are as they are now (Google reports them as of today for every day, so a renamed campaign has its new name
in old rows).
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.nouns import Account, Ad, AdDay, AdGroup, Campaign, CountryDay, Keyword, SearchDay, View

Flat = dict[str, Any]  # GAQL field -> value
Row = AdDay | SearchDay | CountryDay

_CHANNEL_TYPES = {"search": "SEARCH", "performance_max": "PERFORMANCE_MAX", "demand_gen": "DEMAND_GEN",
                  "display": "DISPLAY", "video": "VIDEO"}  # fmt: skip
# Criterion ids of countries are 2000 and the number of ISO 3166 (https://developers.google.com/google-ads/api/data/geotargets)
_COUNTRIES = {"US": (2840, "United States"), "CA": (2124, "Canada"), "MX": (2484, "Mexico"), "DE": (2276, "Germany"),
              "AT": (2040, "Austria"), "CH": (2756, "Switzerland"), "GB": (2826, "United Kingdom")}  # fmt: skip
ROWS_OF = {"keyword_view": "search_days", "search_term_view": "search_days", "campaign_search_term_view": "search_days",
           "user_location_view": "country_days"}  # fmt: skip # any other resource has ad days


@dataclass(frozen=True)
class Entity:
    key: tuple[str, ...]
    flat: Flat


def key_of(resource: str, row: Row) -> tuple[str, ...] | None:
    """Of the entity that this row's numbers belong to; None where the resource leaves the row out."""
    campaign_id = row.campaign.campaign_id
    match resource, row:
        case "customer", _:
            return ("customer",)
        case "campaign", _:
            return (campaign_id,)
        case "ad_group_ad", AdDay(ad_group=AdGroup() as group, ad=Ad() as ad):
            return (campaign_id, group.ad_group_id, ad.ad_id)
        case "keyword_view", SearchDay(ad_group=AdGroup() as group, keyword=Keyword() as keyword):
            return (campaign_id, group.ad_group_id, keyword.keyword_id)
        case "search_term_view", SearchDay(ad_group=AdGroup() as group, is_told=True):
            return (campaign_id, group.ad_group_id, row.term)
        case "campaign_search_term_view", SearchDay(is_told=True):
            return (campaign_id, row.term)
        case "user_location_view", CountryDay():
            return (campaign_id, row.country, str(row.is_targeted))
    return None  # Performance Max has no ads: its cost is in the campaign's rows only


def entity_of(resource: str, key: tuple[str, ...], account: Account, row: Row) -> Entity:
    """The entity of a row of the three resources that have nothing but rows."""
    root, flat = _root(account), {**_customer(account), **_campaign(account, row.campaign)}
    if isinstance(row, CountryDay):
        number, _ = _COUNTRIES[row.country]
        flat |= {
            "user_location_view.resource_name": f"{root}/userLocationViews/{number}~{str(row.is_targeted).lower()}",
            "user_location_view.country_criterion_id": number,
            "user_location_view.targeting_location": row.is_targeted,
        }
    elif isinstance(row, SearchDay):
        place = [row.campaign.campaign_id, base64.urlsafe_b64encode(row.term.encode()).decode()]
        if resource == "search_term_view" and row.ad_group is not None:
            place.insert(1, row.ad_group.ad_group_id)
            flat |= _ad_group(account, row.ad_group)
            flat |= {"search_term_view.ad_group": flat["ad_group.resource_name"], "search_term_view.status": "NONE"}
        else:
            flat["campaign_search_term_view.campaign"] = flat["campaign.resource_name"]
        views = {"search_term_view": "searchTermViews", "campaign_search_term_view": "campaignSearchTermViews"}
        flat |= {f"{resource}.resource_name": f"{root}/{views[resource]}/{'~'.join(place)}",
                 f"{resource}.search_term": row.term}  # fmt: skip
    return Entity(key, flat)


def entities(resource: str, account: Account, view: View) -> Iterator[Entity]:
    """Those that are there without any activity too."""
    customer = _customer(account)
    if resource == "customer":
        yield Entity(("customer",), customer)
    if resource == "customer_client":  # an account that is no manager lists itself, at level 0
        names = ("id", "descriptive_name", "currency_code", "time_zone", "manager", "status")
        client = {name: customer[f"customer.{name}"] for name in names} | {
            "resource_name": f"{_root(account)}/customerClients/{account.account_id}",
            "client_customer": _root(account), "level": 0,
        }  # fmt: skip
        yield Entity(("client",), customer | {f"customer_client.{name}": value for name, value in client.items()})
    if resource == "geo_target_constant":
        for code, (number, name) in _COUNTRIES.items():
            known = {"resource_name": f"geoTargetConstants/{number}", "id": number, "name": name, "country_code": code,
                     "canonical_name": name, "target_type": "Country", "status": "ENABLED"}  # fmt: skip
            yield Entity((code,), {f"geo_target_constant.{field}": value for field, value in known.items()})
    if resource not in ("campaign", "ad_group_ad", "keyword_view"):
        return
    for campaign in view.campaigns("google_ads"):
        if campaign.account.account_id != account.account_id:
            continue
        flat = customer | _campaign(account, campaign)
        if resource == "campaign":
            yield Entity((campaign.campaign_id,), flat)
            continue
        for group in campaign.ad_groups:
            above, place = flat | _ad_group(account, group), (campaign.campaign_id, group.ad_group_id)
            if resource == "ad_group_ad":
                for ad in group.ads:
                    yield Entity((*place, ad.ad_id), above | _ad(account, campaign, group, ad))
            else:
                for keyword in group.keywords:
                    yield Entity((*place, keyword.keyword_id), above | _keyword(account, group, keyword))


def _root(account: Account) -> str:
    return f"customers/{account.account_id}"


def _customer(account: Account) -> Flat:
    return {
        "customer.resource_name": _root(account), "customer.id": int(account.account_id),
        "customer.descriptive_name": account.name, "customer.currency_code": account.currency,
        "customer.time_zone": account.timezone, "customer.manager": False, "customer.status": "ENABLED",
        "customer.final_url_suffix": "", "customer.tracking_url_template": "",
    }  # fmt: skip


def _campaign(account: Account, campaign: Campaign) -> Flat:
    return {
        "campaign.resource_name": f"{_root(account)}/campaigns/{campaign.campaign_id}", "campaign.name": campaign.name,
        "campaign.id": int(campaign.campaign_id), "campaign.status": campaign.status.upper(),
        "campaign.advertising_channel_type": _CHANNEL_TYPES[campaign.kind],
        "campaign.final_url_suffix": campaign.url_suffix, "campaign.tracking_url_template": "",
    }  # fmt: skip


def _ad_group(account: Account, group: AdGroup) -> Flat:
    return {
        "ad_group.resource_name": f"{_root(account)}/adGroups/{group.ad_group_id}", "ad_group.status": "ENABLED",
        "ad_group.id": int(group.ad_group_id), "ad_group.name": group.name,
        "ad_group.final_url_suffix": "", "ad_group.tracking_url_template": "",
    }  # fmt: skip


def _ad(account: Account, campaign: Campaign, group: AdGroup, ad: Ad) -> Flat:
    url = ad.final_url.partition("?")[0] if campaign.url_suffix else ad.final_url
    return {
        "ad_group_ad.resource_name": f"{_root(account)}/adGroupAds/{group.ad_group_id}~{ad.ad_id}",
        "ad_group_ad.status": "ENABLED", "ad_group_ad.ad.resource_name": f"{_root(account)}/ads/{ad.ad_id}",
        "ad_group_ad.ad.id": int(ad.ad_id), "ad_group_ad.ad.name": ad.name,
        "ad_group_ad.ad.final_urls": [url] if url else [],
        "ad_group_ad.ad.final_url_suffix": "", "ad_group_ad.ad.tracking_url_template": "",
    }  # fmt: skip


def _keyword(account: Account, group: AdGroup, keyword: Keyword) -> Flat:
    place = f"{group.ad_group_id}~{keyword.keyword_id}"
    return {
        "keyword_view.resource_name": f"{_root(account)}/keywordViews/{place}",
        "ad_group_criterion.resource_name": f"{_root(account)}/adGroupCriteria/{place}",
        "ad_group_criterion.criterion_id": int(keyword.keyword_id), "ad_group_criterion.status": "ENABLED",
        "ad_group_criterion.negative": False, "ad_group_criterion.keyword.text": keyword.text,
        "ad_group_criterion.keyword.match_type": keyword.match_type,
    }  # fmt: skip
