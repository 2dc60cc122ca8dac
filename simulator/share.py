"""The shared folder where the business drops its exports, over HTTP: the inbox as the clock shows it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from simulator import inbox
from simulator.faults import SourceClock


def routes(clock: SourceClock) -> list[Route]:
    """`/` names the files, one per line; `/<name>` gives one."""

    def listing(request: Request) -> PlainTextResponse:
        return PlainTextResponse("".join(f"{name}\n" for name in inbox.names(clock.world, clock.view())))

    def one(request: Request) -> PlainTextResponse:
        name = request.path_params["name"]
        if name not in inbox.names(clock.world, clock.view()):
            return PlainTextResponse(f"no file {name}\n", status_code=404)
        return PlainTextResponse(inbox.text(clock.world, clock.view(), name), media_type="text/csv")

    return [Route("/", listing), Route("/{name}", one)]
