"""Extract: Google Ads pages over loopback HTTP into the landing, beside a bare loop and dlt on the same pages.

- `ours`: the connector, the client and the landing, as `make run` calls them;
- `bare`: requests, json and pyarrow into one Parquet file: no retries, checks, totals, days or manifest;
- `with_dlt`: dlt's REST client and pipeline with its defaults into Parquet files.
Each runs in a process of its own and takes its time from its first request on, with its libraries imported.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from bench import child
from bench.pages import ACCOUNT, FIRST_DAY, serving
from bench.sizes import Size

CONTENDERS = ("ours", "bare", "with_dlt")
PATH = f"v26/customers/{ACCOUNT}/googleAds:search"


def measure(size: Size, work: Path) -> dict[str, Any]:
    """The section `extract` of the results. Rates are medians of alternating rounds."""
    rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    peaks: dict[int, float | None] = dict.fromkeys((1_000_000, 10_000_000))
    numbers = count()
    with serving(size.rows_per_page) as url:

        def read(who: str, rows: int) -> child.Measured:
            pages = rows // size.rows_per_page
            scratch = work / f"{who}-{next(numbers)}"
            return child.run(f"bench.extract:{who}", scratch, url=url, pages=pages, rows=rows, folder=scratch)

        for _ in range(size.extract_rounds):
            for who in CONTENDERS:
                rates[who].append(size.extract_rows / read(who, size.extract_rows).value)
        for rows in size.peak_rows:
            peaks[rows] = read("ours", rows).peak_mib
    ours, bare, dlt = (median(rates[who]) for who in CONTENDERS)
    return {
        "rows": size.extract_rows,
        "rounds": size.extract_rounds,
        "rows_per_s": round(ours),
        "bare_loop_rows_per_s": round(bare),
        "dlt_rows_per_s": round(dlt),
        "share_of_bare_loop": round(ours / bare, 3),
        "times_dlt": round(ours / dlt, 2),
        "peak_mib_1m": peaks[1_000_000],
        "peak_mib_10m": peaks[10_000_000],
        "peaks": [{"rows": rows, "peak_mib": peak} for rows, peak in sorted(peaks.items()) if peak is not None],
    }


def ours(url: str, pages: int, rows: int, folder: str) -> float:
    """Seconds that the connector and the landing take."""
    from marketing_mart.connectors import google_ads
    from marketing_mart.landing import Landing
    from marketing_mart.privacy import Privacy
    from marketing_mart.streams import Access, SourceOptions, Window

    stream = next(stream for stream in google_ads.STREAMS if stream.name == "ad_performance")
    secrets = {"developer_token": "bench", "refresh_token": "bench", "token_url": f"{url}/token"}
    access = Access("google_ads", url, "bench", "bench", secrets)
    window = Window(FIRST_DAY, FIRST_DAY + timedelta(days=pages - 1))
    landing = Landing(Path(folder))
    import dlt.sources.helpers.rest_client.client  # noqa: F401  (the client imports it at its first use)

    began = time.perf_counter()
    load = landing.land(
        stream,
        window,
        google_ads.read(stream, window, access, SourceOptions(accounts=(ACCOUNT,)), Privacy(b"bench")),
        kpi_start=window.first,
        loaded_at=datetime.now(UTC),
        run_id="bench",
    )
    seconds = time.perf_counter() - began
    _expect(load.rows, rows)
    return seconds


def bare(url: str, pages: int, rows: int, folder: str) -> float:
    """Seconds of the least that reads the same pages into the same columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import requests

    began = time.perf_counter()
    written, writer = 0, None
    with requests.Session() as session:
        session.trust_env = False
        request = _request(pages)
        while True:
            answer = json.loads(session.post(f"{url}/{PATH}", json=request).content)
            table = pa.table(_columns(answer["results"]))
            writer = writer or pq.ParquetWriter(Path(folder, "ads.parquet"), table.schema, compression="zstd")
            writer.write_table(table)
            written += table.num_rows
            if "nextPageToken" not in answer:
                break
            request["pageToken"] = answer["nextPageToken"]
    writer.close()
    seconds = time.perf_counter() - began
    _expect(written, rows)
    return seconds


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    customers, campaigns = [row["customer"] for row in rows], [row["campaign"] for row in rows]
    ad_groups, ads = [row["adGroup"] for row in rows], [row["adGroupAd"]["ad"] for row in rows]
    metrics = [row["metrics"] for row in rows]
    return {
        "date_day": [row["segments"]["date"] for row in rows],
        "account_id": [customer["id"] for customer in customers],
        "account_name": [customer["descriptiveName"] for customer in customers],
        "currency": [customer["currencyCode"] for customer in customers],
        "timezone": [customer["timeZone"] for customer in customers],
        "campaign_id": [campaign["id"] for campaign in campaigns],
        "campaign_name": [campaign["name"] for campaign in campaigns],
        "campaign_status": [campaign["status"] for campaign in campaigns],
        "advertising_channel_type": [campaign["advertisingChannelType"] for campaign in campaigns],
        "ad_group_id": [ad_group["id"] for ad_group in ad_groups],
        "ad_group_name": [ad_group["name"] for ad_group in ad_groups],
        "ad_id": [ad["id"] for ad in ads],
        "ad_name": [ad["name"] for ad in ads],
        "impressions": [int(metric["impressions"]) for metric in metrics],
        "clicks": [int(metric["clicks"]) for metric in metrics],
        "cost_micros": [int(metric["costMicros"]) for metric in metrics],
    }


def with_dlt(url: str, pages: int, rows: int, folder: str) -> float:
    """Seconds of dlt's extract, normalize and load."""
    import dlt
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

    paginator = JSONResponseCursorPaginator(cursor_path="nextPageToken", cursor_body_path="pageToken")
    source = RESTClient(url, paginator=paginator, data_selector="results")

    @dlt.resource(name="ad_performance")
    def ads() -> Iterator[list[dict[str, Any]]]:
        yield from source.paginate(PATH, method="POST", json=_request(pages))

    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.filesystem(bucket_url=str(Path(folder, "parquet"))),
        dataset_name="bench",
        pipelines_dir=str(Path(folder, "pipelines")),
    )
    began = time.perf_counter()
    pipeline.run(ads(), loader_file_format="parquet")
    seconds = time.perf_counter() - began
    _expect(pipeline.last_trace.last_normalize_info.row_counts["ad_performance"], rows)
    return seconds


def _request(pages: int) -> dict[str, Any]:
    return {
        "query": f"SELECT … WHERE segments.date BETWEEN '{FIRST_DAY}' AND '{FIRST_DAY + timedelta(days=pages - 1)}'"
    }


def _expect(found: int, rows: int) -> None:
    if found != rows:
        raise AssertionError(f"{found} rows instead of {rows}: what was measured is not the whole read")
