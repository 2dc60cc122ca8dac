"""Meta Marketing API: insights by account and by ad, day by day, and the ads with where they lead, v26.0.

Rules, with the page each comes from (https://developers.facebook.com/docs/…):
- `time_increment=1` gives a row per object and day of the account's own zone; objects without delivery have no row
  (marketing-api/reference/ad-account/insights).
- Numbers are text; `actions` and `action_values` hold one object per action type with a key per attribution window,
  and `value` for the default window of the ad set (marketing-api/reference/ads-action-stats). Types contain each
  other (omni_purchase has purchase in it) and so do windows: nothing may add them up.
- Too much for one call is an error (code 1, or 100 with subcode 1487534): ask for fewer days
  (marketing-api/insights/best-practices). Long windows go through a report run (marketing-api/insights/async).
- `paging.next` is a URL with the access token in it: pages are asked for by `paging.cursors.after` instead.
- Limits are told with status 400 and codes 4, 17, 32, 613 and 800xx; how long they last stands in
  X-Business-Use-Case-Usage, in minutes (graph-api/overview/rate-limiting).
"""

from collections.abc import Iterator
from dataclasses import replace

from marketing_mart.connectors.meta_ads.access import VERSION, accounts, connected
from marketing_mart.connectors.meta_ads.ads import ADS, read_ads
from marketing_mart.connectors.meta_ads.insights import REPORTS, read_insights
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, Page, SourceOptions, Stream, Window

__all__ = ["STREAMS", "VERSION", "read"]

STREAMS = (*REPORTS, ADS)


def read(stream: Stream, window: Window, access: Access, options: SourceOptions, privacy: Privacy) -> Iterator[Page]:
    """Account by account. account_id is Meta's number, without the `act_` of the address. What Meta states of the
    number of ads counts over the accounts read so far."""
    before = 0
    for account in accounts(stream, access, options):
        with connected(f"{stream.label} of account {account}", access) as meta:
            if stream.name == ADS.name:
                stated: int | None = 0
                for page in read_ads(meta, account, window, privacy):
                    stated = page.stated_rows
                    yield replace(page, stated_rows=None if stated is None else before + stated)
                before += stated or 0
            else:
                yield from read_insights(meta, stream, account, window, privacy)
