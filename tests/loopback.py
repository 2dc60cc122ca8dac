"""A server on loopback: an ASGI application, or answers given one after the other, and what it was asked."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import uvicorn


@dataclass
class Answer:
    """Given once, to the next request whose path ends in `path`. `body`: bytes as they are, anything else as JSON."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    delay: float = 0.0


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Served:
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    instead: list[Answer] = field(default_factory=list)


@contextmanager
def serving(app=None) -> Iterator[Served]:
    """`app` answers where `instead` has nothing; without one, that is a 404."""
    served = Served()

    async def front(scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode())
        served.asked.append(Asked(scope["method"], scope["path"], query, headers, body))
        scripted = next((one for one in served.instead if scope["path"].endswith(one.path)), None)
        if scripted is None and app is not None:

            async def again():
                return {"type": "http.request", "body": body, "more_body": False}

            return await app(scope, again, send)
        answer = scripted or Answer(404, {"message": "nothing is here"})
        if scripted:
            served.instead.remove(scripted)
        await asyncio.sleep(answer.delay)
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        named = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": named})
        await send({"type": "http.response.body", "body": content})

    # no Date of its own, so that a test can give one
    server = uvicorn.Server(uvicorn.Config(front, port=0, log_level="error", lifespan="off", date_header=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    served.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()
