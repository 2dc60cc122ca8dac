"""Writes .env and .secrets/passwords.json with fresh secrets; leaves what stands there alone."""

import base64
import json
import os
import secrets
from pathlib import Path

USERS = ("admin", "operator", "analyst")


def main(root: Path) -> None:
    """`root` is the checkout. Files are readable by their owner only, the passwords by the image's user too."""
    environment = root / ".env"
    if environment.exists():
        print(f"{environment} stands already: nothing written")
        return
    folder = root / ".secrets"
    folder.mkdir(mode=0o755, exist_ok=True)
    passwords = folder / "passwords.json"
    _write(passwords, json.dumps({user: secrets.token_urlsafe(18) for user in USERS}), 0o644)
    values = {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_urlsafe(48),
        "AIRFLOW_SECRET_KEY": secrets.token_urlsafe(48),
    }
    _write(environment, "".join(f"{name}={value}\n" for name, value in values.items()), 0o600)
    print(f"wrote {environment} and {passwords} (the passwords of {', '.join(USERS)})")


def _write(path: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as stream:
        stream.write(text)


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1])
