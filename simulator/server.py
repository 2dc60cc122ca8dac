"""All vendors on one port, each under /<source>/, with the control routes that tests use."""

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from simulator import share
from simulator.atomic import write_atomically
from simulator.clock import Clock, moment_of, text_of
from simulator.faults import Faults, SourceClock
from simulator.faulty_requests import FaultyRequests

VENDORS = ("google_ads", "meta_ads", "hubspot", "shopify")

Routes = Callable[[SourceClock], list[Route]]


def application(clock: Clock, vendors: Mapping[str, Routes] | None = None) -> Starlette:
    """All sources; `vendors` maps a vendor to its routes (default: all of `simulator.vendors`)."""
    if vendors is None:
        vendors = {name: import_module(f"simulator.vendors.{name}").routes for name in VENDORS}
    sources = {**vendors, "files": share.routes}
    faults = Faults(tuple(sources))
    mounts = [
        Mount(f"/{source}", routes=routes(SourceClock(clock, faults, source))) for source, routes in sources.items()
    ]
    middleware = Middleware(FaultyRequests, faults=faults, clock=clock)
    return Starlette(routes=[*_control(clock, faults), *mounts], middleware=[middleware])


def serve(app: Starlette, clock: Clock, host: str, port: int, ready_file: Path | None, parent: int | None) -> None:
    """Serves until it is told to stop, or until the process `parent` is gone. OSError: the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        url = f"http://{f'[{host}]' if family == socket.AF_INET6 else host}:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3))
        if parent is not None:
            threading.Thread(target=_leave_with, args=(parent, server), daemon=True).start()
        if ready_file is not None:
            write_atomically(ready_file, url + "\n")
        print(f"simulator: {url} as of {text_of(clock.view().moment)}", flush=True)
        server.run(sockets=[listener])


def _control(clock: Clock, faults: Faults) -> list[Route]:
    """Tells and moves the clock, sets and clears faults. Answers callers on this machine only."""

    async def state(request: Request) -> JSONResponse:
        return _state(clock) if _is_local(request) else _forbidden()

    async def move(request: Request) -> JSONResponse:
        if not _is_local(request):
            return _forbidden()
        try:
            asked = await _body(request)
            clock.move(moment_of(str(asked.get("as_of"))))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return _state(clock)

    async def fault(request: Request) -> JSONResponse:
        if not _is_local(request):
            return _forbidden()
        if request.method == "DELETE":
            faults.clear()
            return _state(clock)
        try:
            faults.add(await _body(request))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return _state(clock)

    return [
        Route("/_control", state, methods=["GET"]),
        Route("/_control/clock", move, methods=["POST"]),
        Route("/_control/faults", fault, methods=["POST", "DELETE"]),
    ]


def _state(clock: Clock) -> JSONResponse:
    world, moment = clock.world, clock.view().moment
    return JSONResponse({"seed": world.seed, "size": world.size, "as_of": text_of(moment)})


async def _body(request: Request) -> dict:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ValueError("the body is no JSON object")
    return body


def _is_local(request: Request) -> bool:
    """Test clients have no address; they are in this process."""
    host = request.client.host if request.client else "127.0.0.1"
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "testclient"


def _forbidden() -> JSONResponse:
    return JSONResponse({"error": "control is for this machine only"}, status_code=403)


def _leave_with(parent: int, server: uvicorn.Server) -> None:
    waiting = threading.Event()
    while _is_alive(parent):
        waiting.wait(1)
    print(f"simulator: process {parent} is gone, stopping", file=sys.stderr, flush=True)
    server.should_exit = True


def _is_alive(process: int) -> bool:
    """A process that was killed but not yet reaped by its own parent counts as gone, where that can be seen."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no /proc here, or it ended just now: the next look tells
        return True
