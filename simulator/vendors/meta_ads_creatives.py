"""Meta's ads with their creatives: where an ad leads stands in another place for each kind of ad.

Pages followed: https://developers.facebook.com/docs/marketing-api/reference/ad-account/ads and …/reference/ad-creative
(with -object-story-spec, -link-data, -link-data-child-attachment, -video-data and ad-asset-feed-spec-link-url).
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from simulator.nouns import Account, Ad, AdGroup, Campaign, View
from simulator.vendors.meta_ads_insights import Refusal

FIELDS = ("id", "name", "account_id", "campaign_id", "adset_id", "status", "effective_status", "created_time",
          "updated_time", "creative")  # fmt: skip
CREATIVE_FIELDS = ("id", "name", "object_story_spec", "asset_feed_spec", "url_tags", "link_url", "object_url",
                   "template_url")  # fmt: skip
STATUSES = ("ACTIVE", "PAUSED", "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
            "CAMPAIGN_PAUSED", "ARCHIVED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES")  # fmt: skip
_PARAMS = {"fields", "effective_status", "updated_since", "limit", "after"}
_FIELD = re.compile(r"\s*(\w+)(?:\{([\w,\s]*)\})?\s*(?:,|$)")


def ads(view: View, account: Account, params: dict[str, str]) -> list[dict[str, Any]]:
    """The ads of an account that the question asks for, with the fields that it names."""
    if unknown := sorted(set(params) - _PARAMS):
        raise Refusal(400, 100, f"(#100) The simulator does not know the parameter {unknown[0]}")
    fields, of_creative = _asked(params.get("fields", "id"))
    # "When unset, defaults to not return deleted or archived ads."
    statuses = _statuses(params.get("effective_status", "")) or set(STATUSES) - {"ARCHIVED", "DELETED"}
    since = _moment(params.get("updated_since", "0"))
    found = []
    for campaign, group, ad in _of_account(view, account):
        updated_at = datetime.combine(campaign.starts_on, time(), UTC)
        status = "ACTIVE" if campaign.status == "enabled" else "CAMPAIGN_PAUSED"
        if status not in statuses or updated_at < since:
            continue
        creative = _creative(campaign, group, ad)
        whole = {
            "id": ad.ad_id, "name": ad.name, "account_id": account.account_id.removeprefix("act_"),
            "campaign_id": campaign.campaign_id, "adset_id": group.ad_group_id, "status": "ACTIVE",
            "effective_status": status, "created_time": f"{updated_at:%Y-%m-%dT%H:%M:%S}+0000",
            "updated_time": f"{updated_at:%Y-%m-%dT%H:%M:%S}+0000",
            "creative": {name: creative[name] for name in of_creative if name in creative} | {"id": creative["id"]},
        }  # fmt: skip
        found.append({name: whole[name] for name in fields} | {"id": ad.ad_id})
    return found


def _of_account(view: View, account: Account) -> Iterator[tuple[Campaign, AdGroup, Ad]]:
    for campaign in view.campaigns("meta_ads"):
        if campaign.account.account_id == account.account_id:
            for group in campaign.ad_groups:
                for ad in group.ads:
                    yield campaign, group, ad


def _creative(campaign: Campaign, group: AdGroup, ad: Ad) -> dict[str, Any]:
    """A carousel, an ad of assets to choose from, a link or a video."""
    number = f"{ad.ad_id}5"
    urls = [url.partition("?")[0] if campaign.url_suffix else url for url in (ad.final_url, *ad.more_urls)]
    creative: dict[str, Any] = {"id": number, "name": ad.name}
    if campaign.url_suffix:
        creative["url_tags"] = campaign.url_suffix
    page = {"page_id": "1001001"}
    if ad.more_urls:
        cards = [{"link": url, "name": group.name} for url in urls]
        creative["object_story_spec"] = page | {"link_data": {"link": urls[0], "child_attachments": cards}}
    elif "lead" in campaign.name.lower():
        links = [{"website_url": url} for url in urls]
        creative["asset_feed_spec"] = {"link_urls": links, "ad_formats": ["AUTOMATIC_FORMAT"]}
    elif ad.name.endswith("A"):
        creative["object_story_spec"] = page | {"link_data": {"link": urls[0], "name": ad.name}}
    else:
        button = {"type": "SHOP_NOW", "value": {"link": urls[0]}}
        creative["object_story_spec"] = page | {"video_data": {"video_id": "77", "call_to_action": button}}
    return creative


def _asked(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Fields of the ad and, in braces, of its creative."""
    fields, of_creative, position = [], ("id",), 0
    while position < len(text):
        match = _FIELD.match(text, position)
        if match is None:
            raise Refusal(400, 2500, f"Syntax error \"Expected end of string instead of '{text[position]}'.\"")
        name, inner = match.groups()
        names = tuple(part.strip() for part in (inner or "").split(",") if part.strip())
        for one, known in ((name, FIELDS), *((part, CREATIVE_FIELDS) for part in names)):
            if one not in known or (inner is not None and name != "creative"):
                raise Refusal(400, 100, f"(#100) Tried accessing nonexisting field ({one})")
        fields.append(name)
        of_creative = names or of_creative
        position = match.end()
    return fields, of_creative


def _statuses(text: str) -> set[str]:
    try:
        given = {str(status) for status in json.loads(text or "[]")}
    except (ValueError, TypeError):
        raise Refusal(400, 100, "(#100) Param effective_status must be an array.") from None
    if unknown := sorted(given - set(STATUSES)):
        raise Refusal(400, 100, f"(#100) effective_status: {unknown[0]} is none of {', '.join(STATUSES)}")
    return given


def _moment(text: str) -> datetime:
    if not text.isdigit():
        raise Refusal(400, 100, "(#100) Param updated_since must be an integer")
    return datetime.fromtimestamp(int(text), UTC)
