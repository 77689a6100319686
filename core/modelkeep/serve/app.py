"""The application: a cache as a hub."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from modelkeep import __version__
from modelkeep.cache.catalog import Catalog
from modelkeep.serve import answers
from modelkeep.serve.access import Access
from modelkeep.serve.answers import HubError
from modelkeep.serve.environment import environment
from modelkeep.serve.gate import Gate
from modelkeep.serve.infos import Descriptions
from modelkeep.serve.journal import Journal
from modelkeep.serve.metrics import metrics
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.page import index_page
from modelkeep.serve.reading import Reading
from modelkeep.serve.shelf import Shelf

__all__ = ["make_app"]


def make_app(
    shelf: Shelf,
    options: ServeOptions,
    access: Access,
    journal: Journal,
    *,
    catalog: Catalog | None = None,
) -> FastAPI:
    """What answers for `shelf`. With `catalog`, what was read of models is remembered there."""
    # No pages that load scripts from elsewhere, and no list of routes for the curious.
    app = FastAPI(title="Modelkeep", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Gate, rate=options.rate, journal=journal)
    app.add_exception_handler(HubError, answers.render)
    app.add_exception_handler(HTTPException, _render_http)

    @app.get("/health", include_in_schema=False)
    async def health() -> Response:
        return JSONResponse({"status": "ok", "version": __version__, "push": options.allow_push})

    @app.get("/metrics", include_in_schema=False)
    def counters() -> Response:
        return PlainTextResponse(metrics(shelf, journal), media_type="text/plain; version=0.0.4")

    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        who = await access.identity(request)
        url = str(request.base_url).rstrip("/")
        repos = [repo for repo in await run_in_threadpool(shelf.repos) if not repo.private or who.name]
        page = index_page(repos, environment(url, options), push=options.allow_push)
        return HTMLResponse(
            page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        )

    if options.allow_push:
        from modelkeep.serve.pushing.routes import router

        app.include_router(router(shelf, options, access, journal))
    app.include_router(Reading(shelf, access, journal, Descriptions(catalog), stall=options.stall).router())
    if not options.allow_push:

        @app.api_route("/{rest:path}", methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
        async def refuse(request: Request) -> Response:
            await access.writer(request)
            raise AssertionError("pushing is off")

    return app


async def _render_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await answers.render(
        request, HubError(error.status_code, "", str(error.detail), headers=error.headers)
    )
