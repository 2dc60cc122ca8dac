"""A loopback server of Google Ads' `search` over ad_group_ad: each day that the query asks for is one page.

The pages are precomputed but for their date, so that what is measured is who reads them.
`python -m bench.pages ROWS_PER_PAGE` prints its address and serves until it is killed.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.child import ROOT

ACCOUNT = "1234567890"
FIRST_DAY = date(2020, 1, 1)
_DATE = b"0000-00-00"
_BETWEEN = re.compile(r"BETWEEN '(\S+)' AND '(\S+)'")
Row = dict[str, dict[str, object]]


def row(ad: int) -> Row:
    """One ad's day as Google writes it: int64 as text, names in camelCase, each object with its resource name."""
    campaign, ad_group = ad % 200, ad // 5
    of_account = f"customers/{ACCOUNT}"
    return {
        "customer": {
            "resourceName": of_account,
            "id": ACCOUNT,
            "descriptiveName": "Bench Outfitters",
            "currencyCode": "USD",
            "timeZone": "America/New_York",
        },
        "campaign": {
            "resourceName": f"{of_account}/campaigns/{campaign}",
            "status": "ENABLED",
            "advertisingChannelType": "SEARCH",
            "name": f"US Search - Campaign {campaign}",
            "id": str(campaign),
        },
        "adGroup": {
            "resourceName": f"{of_account}/adGroups/{ad_group}",
            "id": str(ad_group),
            "name": f"Ad group {ad_group}",
        },
        "adGroupAd": {
            "resourceName": f"{of_account}/adGroupAds/{ad_group}~{ad}",
            "ad": {"resourceName": f"{of_account}/ads/{ad}", "id": str(ad), "name": f"Ad {ad}"},
        },
        "metrics": {
            "clicks": str(ad * 7 % 97),
            "costMicros": str(ad * 7919 % 9_999_991),
            "impressions": str(100 + ad * 31 % 9973),
        },
        "segments": {"date": _DATE.decode()},
    }


class Pages:
    """The answers, as bytes."""

    def __init__(self, rows_per_page: int) -> None:
        self.rows_per_page = rows_per_page
        self._pieces = json.dumps({"results": [row(ad) for ad in range(rows_per_page)]}).encode()[:-1].split(_DATE)

    def answer(self, request: bytes) -> bytes:
        asked = json.loads(request)
        first, last = (date.fromisoformat(text) for text in _BETWEEN.search(asked["query"]).groups())
        page = int(asked.get("pageToken", 0))
        pages = (last - first).days + 1
        end = {"totalResultsCount": str(pages * self.rows_per_page)}
        if page + 1 < pages:
            end["nextPageToken"] = str(page + 1)
        day = str(first + timedelta(days=page)).encode()
        return day.join(self._pieces) + b", " + json.dumps(end).encode()[1:]


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            is_token = self.path.endswith("/token")
            body = b'{"access_token": "bench-token", "expires_in": 86400}' if is_token else pages.answer(request)
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent: a line per page would be part of the measurement."""

    return Handler


@contextmanager
def serving(rows_per_page: int) -> Iterator[str]:
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "bench.pages", str(rows_per_page)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def main() -> None:
    pages = Pages(int(sys.argv[1]))
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(pages)) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
