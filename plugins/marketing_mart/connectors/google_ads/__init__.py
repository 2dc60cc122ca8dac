"""Google Ads: reports by GAQL over the REST interface, v26.

Rules, with the page each comes from (https://developers.google.com/google-ads/api/…):
- `search` answers pages of at most 10,000 rows (docs/reporting/paging): memory stays bounded however large an account
  is, which one long `searchStream` answer would not. `returnTotalResultsCount` tells how many rows the read has.
- "Zero metrics are always excluded when segmenting a report" (docs/reporting/zero-metrics): a day, campaign or ad
  without activity has no row, so no row means zero.
- int64 comes as text, money in millionths of the account's currency (rest/design/json-mappings).
- Attributes (names, status, channel type) are those of today in every row, also in rows of old days.
- Performance Max has no ads: what it costs is in the campaign's rows and in no ad's.
- conversions can't be selected beside cost: a query segmented by conversion action has conversion metrics only
  (docs/conversions/reporting).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from marketing_mart.connectors.google_ads.access import VERSION, accounts, authorisation, connected, pages
from marketing_mart.connectors.google_ads.rows import table_of
from marketing_mart.connectors.google_ads.streams import CONDITIONS, RESOURCES, STREAMS, field_of
from marketing_mart.errors import SourceMalformed
from marketing_mart.privacy import Privacy
from marketing_mart.streams import EXTRA_COLUMN, Access, Page, SourceOptions, Stream, Window

__all__ = ["STREAMS", "VERSION", "read"]


def read(stream: Stream, window: Window, access: Access, options: SourceOptions, privacy: Privacy) -> Iterator[Page]:
    """Account by account, days in order. The last page states how many rows Google counted over all accounts.

    Entities are read whole each time: Google tells no time of change.
    """
    if stream.kind == "report" and window.first is None:
        raise ValueError(f"{stream.label} is read by days")
    auth = authorisation(access)
    reached = accounts(stream, access, options, auth)
    if stream.name == "countries":  # the same for all
        reached = reached[:1]
    stated = 0
    for position, (account, login) in enumerate(reached):
        with connected(f"{stream.label} of account {account}", access, auth, login) as google:
            for answer in pages(google, account, _query(stream, window)):
                table = table_of(stream, answer.get("results", []), google.label, privacy)
                is_last = "nextPageToken" not in answer
                if is_last:
                    stated += _stated(answer, google.label)
                yield Page(table, stated if is_last and position == len(reached) - 1 else None)


def _query(stream: Stream, window: Window) -> str:
    fields = ", ".join(field_of(stream, name) for name in stream.schema.names if name != EXTRA_COLUMN)
    conditions = [CONDITIONS[stream.name]] if stream.name in CONDITIONS else []
    if stream.kind == "report":
        conditions.append(f"segments.date BETWEEN '{window.first}' AND '{window.last}'")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = " ORDER BY segments.date" if stream.kind == "report" else ""
    return f"SELECT {fields} FROM {RESOURCES[stream.name]}{where}{order}"


def _stated(answer: Mapping[str, Any], label: str) -> int:
    try:
        return int(answer["totalResultsCount"])
    except (KeyError, ValueError, TypeError):
        raise SourceMalformed(f"{label}: the answer of search lacks totalResultsCount, which was asked for") from None
