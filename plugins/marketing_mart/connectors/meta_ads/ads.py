"""The ads of an account and where they lead.

Where a link stands depends on the kind of ad (marketing-api/reference/ad-creative and its parts): in the post's link
or video or template, in each card of a carousel, in the assets of a feed, or in the creative itself. Meta appends
`url_tags` to each of them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pyarrow as pa

from marketing_mart.connectors.client import Client
from marketing_mart.connectors.extra import extra
from marketing_mart.connectors.meta_ads.access import VERSION, pages
from marketing_mart.errors import SourceMalformed
from marketing_mart.privacy import Privacy
from marketing_mart.streams import EXTRA_COLUMN, INSTANT, TEXT, Page, Stream, Window, columns

PAGE_ADS = 200  # with their creatives an ad is some kilobytes
ADS = Stream(
    "meta_ads", "ads", "entity",
    columns(
        account_id=TEXT, campaign_id=TEXT, ad_group_id=TEXT, ad_id=TEXT, ad_name=TEXT, status=TEXT, updated_at=INSTANT,
        creative_id=TEXT, urls=pa.list_(TEXT), url_tags=TEXT,
    ),
    key=("account_id", "ad_id"), changed_at="updated_at",
)  # fmt: skip
FIELDS = ("id", "name", "account_id", "campaign_id", "adset_id", "effective_status", "updated_time")
CREATIVE_FIELDS = (
    "id", "object_story_spec", "asset_feed_spec", "url_tags", "link_url", "object_url", "template_url",
)  # fmt: skip
# "When unset, defaults to not return deleted or archived ads" (reference/ad-campaign/ads): those cost money too.
STATUSES = (
    "ACTIVE", "PAUSED", "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
    "CAMPAIGN_PAUSED", "ARCHIVED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES",
)  # fmt: skip


def read_ads(meta: Client, account: str, window: Window, privacy: Privacy) -> Iterator[Page]:
    """Ads that changed since the window's first day began (UTC), or all. A creative stays, an ad gets another."""
    params = {
        "fields": f"{','.join(FIELDS)},creative{{{','.join(CREATIVE_FIELDS)}}}",
        "effective_status": json.dumps(STATUSES),
        "summary": "total_count",  # "Total number of objects" (reference/ad-account/ads)
    }
    if window.first is not None:
        params["updated_since"] = str(int(datetime.combine(window.first, time(), UTC).timestamp()))
    told: dict[str, Any] = {}
    for ads in pages(meta, f"{VERSION}/{account}/ads", params, PAGE_ADS, told):
        yield Page(_table(ads, meta.label, privacy), told["total_count"])
    if told["total_count"] is not None:  # also where no ad came
        yield Page(_table([], meta.label, privacy), told["total_count"])


def _table(ads: list[dict[str, Any]], label: str, privacy: Privacy) -> pa.Table:
    try:
        return pa.Table.from_pylist([_row(ad, privacy) for ad in ads], schema=ADS.schema)
    except KeyError as error:
        lacking = sum(isinstance(ad, dict) and error.args[0] not in ad for ad in ads)
        raise SourceMalformed(f"{label}: {lacking} of {len(ads)} ads lack {error.args[0]}") from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, AttributeError, TypeError, ValueError) as error:
        raise SourceMalformed(f"{label}: not all ads can be read: {str(error)[:120]}") from None


def _row(ad: dict[str, Any], privacy: Privacy) -> dict[str, Any]:
    creative = ad.get("creative") or {}
    return {
        "account_id": ad["account_id"],
        "campaign_id": ad["campaign_id"],
        "ad_group_id": ad["adset_id"],
        "ad_id": ad["id"],
        "ad_name": ad["name"],
        "status": ad["effective_status"],
        "updated_at": datetime.strptime(ad["updated_time"], "%Y-%m-%dT%H:%M:%S%z"),
        "creative_id": creative.get("id"),
        "urls": list(dict.fromkeys(url for url in _urls(creative) if url)),
        "url_tags": creative.get("url_tags"),
        EXTRA_COLUMN: extra({name: ad[name] for name in ad.keys() - {*FIELDS, "creative"}}, privacy),
    }


def _urls(creative: dict[str, Any]) -> Iterator[str | None]:
    """Where the ad leads, the main link first."""
    post = creative.get("object_story_spec") or {}
    for part in ("link_data", "template_data"):
        link = post.get(part) or {}
        yield link.get("link")
        for card in link.get("child_attachments") or ():
            yield card.get("link")
    button = (post.get("video_data") or {}).get("call_to_action") or {}
    yield (button.get("value") or {}).get("link")
    for link in (creative.get("asset_feed_spec") or {}).get("link_urls") or ():
        yield link.get("website_url")
    for name in ("link_url", "object_url", "template_url"):
        yield creative.get(name)
