"""How a source is let in to, and the key of the hashes: an Airflow connection, or the demo's stand-in for one."""

import json
from types import MappingProxyType

from marketing_mart import demo
from marketing_mart.errors import ConfigError
from marketing_mart.settings import Settings
from marketing_mart.streams import Access


def access_from(
    source: str, host: str, port: int | None, scheme: str, login: str, secret: str, extra: str | None
) -> Access:
    """An Airflow connection, frozen. `host` may be a whole URL or a name."""
    base = host or ""
    if base and "://" not in base:
        base = f"{scheme or 'https'}://{base}" + (f":{port}" if port else "")
    try:
        more = json.loads(extra or "{}")
    except ValueError:
        raise ConfigError(f"connection mart_{source}: its extra is no JSON", next_step="mend the connection") from None
    return Access(source, base.rstrip("/"), login or "", secret or "", MappingProxyType(more))


def access_to(config: Settings, source: str, found: Access | None) -> Access:
    """The connection found for a source, or the demo's. ConfigError where there is neither; a folder needs none."""
    if source == "files":
        return found or Access("files", "")
    if found:
        return found
    if config.demo:
        return demo.access(source, config)
    raise ConfigError(
        f"{source}: there is no Airflow connection mart_{source}, and `demo: true` is not set",
        next_step=f"airflow connections add mart_{source} … (README, Connect a source)",
    )


def hash_key(config: Settings, identity: Access | None) -> bytes:
    """The key of the hashes of emails and phones. ConfigError where no connection gives one."""
    if identity and identity.secret:
        return identity.secret.encode()
    if config.demo:
        return demo.HASH_KEY
    raise ConfigError(
        "there is no Airflow connection mart_identity: its password keys the hashes of emails and phones",
        next_step="airflow connections add mart_identity --conn-type generic --conn-password …",
    )
