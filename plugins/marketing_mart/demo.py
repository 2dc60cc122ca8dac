"""What stands in for the business in demo mode: the simulator's address and its well-known credentials.

Used only where the configuration says `demo: true`; nothing here is a secret.
"""

import os
from http.client import HTTPException
from types import MappingProxyType
from urllib.request import urlopen

from marketing_mart.errors import ConfigError, SourceUnavailable
from marketing_mart.settings import Settings
from marketing_mart.streams import Access

HASH_KEY = b"marketing-mart demo: not a secret"
MARKER = ".simulated"  # an inbox with this file in it was written by the simulator and may be written again

_CREDENTIALS = {
    "google_ads": {
        "login": "demo-client",
        "secret": "demo-client-secret",
        "extra": MappingProxyType({"developer_token": "demo-developer-token", "refresh_token": "demo-refresh-token"}),
    },
    "meta_ads": {"secret": "demo-access-token"},
    "hubspot": {"secret": "demo-private-app-token"},
    "shopify": {"login": "demo-client", "secret": "demo-client-secret"},
    "files": {},
}


def access(source: str, settings: Settings) -> Access:
    """The simulator's stand-in for `source`."""
    if not settings.simulator_url:
        raise ConfigError(
            f"{source}: no Airflow connection mart_{source}, and no simulator is running for the demo",
            next_step="run `make run`, which starts one, or set MART_SIMULATOR_URL to that of `make simulator`",
        )
    base = f"{settings.simulator_url.rstrip('/')}/{source}"
    credentials = dict(_CREDENTIALS[source])
    if source == "google_ads":
        credentials["extra"] = MappingProxyType({**credentials["extra"], "token_url": f"{base}/token"})
    return Access(source=source, base_url=base, **credentials)


def refresh_inbox(settings: Settings) -> bool:
    """Bring the simulated exports into the inbox; a folder that a person filled is left alone.

    Returns whether the inbox is the simulator's.
    """
    inbox = settings.inbox
    filled = inbox.exists() and any(not entry.name.startswith(".") for entry in inbox.iterdir())
    if settings.inbox_is_given or (filled and not (inbox / MARKER).exists()) or not settings.simulator_url:
        return False
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / MARKER).touch()
    base = f"{settings.simulator_url.rstrip('/')}/files"
    for name in _fetch(f"{base}/").decode().split():
        temporary = inbox / f".{name}.{os.getpid()}"
        temporary.write_bytes(_fetch(f"{base}/{name}"))
        temporary.replace(inbox / name)
    return True


def _fetch(url: str) -> bytes:
    try:
        with urlopen(url, timeout=120) as answer:
            return answer.read()
    except (OSError, HTTPException) as error:  # the latter where the connection breaks in the middle of an answer
        raise SourceUnavailable(f"files: the simulator did not answer at {url} ({error})") from None
