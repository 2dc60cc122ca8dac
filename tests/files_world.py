"""Small inboxes and a short call of the `files` source, for its tests."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from marketing_mart.connectors import files
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, SourceOptions, Stream, Window

PRIVACY = Privacy(b"a key of the tests", region="GB")
STREAMS = {stream.name: stream for stream in files.STREAMS}
JUNE = Window(date(2025, 6, 1), date(2025, 6, 30))
ORDERS = "order_id,ordered_at,currency,net_amount\n"
MAIL = "campaign_id,campaign_name,sent_at,recipients,delivered,opens,clicks\n"
ADS = (
    "date_day,platform,account_id,account_name,campaign_id,campaign_name,currency,impressions,clicks,spend\n"
    "2025-06-01,x_ads,1,Shop,c1,Summer,EUR,100,10,5.50\n"
)


def put(inbox: Path, name: str, content: str | bytes | dict) -> None:
    """A file of the inbox: CSV text or bytes, or a dict of columns for Parquet."""
    if isinstance(content, dict):
        pq.write_table(pa.table(content), inbox / name)
    else:
        (inbox / name).write_bytes(content.encode() if isinstance(content, str) else content)


def read_table(
    inbox: Path, stream: str | Stream, *, window: Window = JUNE, zone: str = "UTC", columns: dict | None = None
) -> pa.Table:
    """Every row that the source yields."""
    stream = STREAMS[stream] if isinstance(stream, str) else stream
    options = SourceOptions(inbox=str(inbox), timezone=zone, columns={stream.name: columns or {}})
    pages = [page.table for page in files.read(stream, window, Access("files", ""), options, PRIVACY)]
    return pa.concat_tables([stream.schema.empty_table(), *pages])


def read_rows(inbox: Path, stream: str | Stream, **more) -> list[dict]:
    return read_table(inbox, stream, **more).to_pylist()
