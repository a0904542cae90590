"""`/docs`: the served documents as interactive pages, offline: Swagger UI is shipped with the package."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

PREFIX = "/docs"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mockserver: {names}</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
{links}<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</body>
</html>
"""

_LINKS = """<nav style="font: 15px sans-serif; padding: 1em 2em; background: #f0f0f0">{links}</nav>
"""

_SCRIPT = """SwaggerUIBundle({
  url: "/_mock/openapi.yaml" + location.search,
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  docExpansion: "list",
  validatorUrl: null,
});
"""


def routes(names: Sequence[str]) -> list[BaseRoute]:
    """A page for each served contract (`/docs?contract=…`; else the first), its script and Swagger UI's files."""
    links = " · ".join(f'<a href="{PREFIX}?contract={quote(name)}">{escape(name)}</a>' for name in names)
    shown = _PAGE.format(
        names=escape(", ".join(names)), links=_LINKS.format(links=links) if len(names) > 1 else ""
    )

    async def page(request: Request) -> Response:
        return HTMLResponse(shown)

    async def script(request: Request) -> Response:
        return Response(_SCRIPT, media_type="text/javascript")

    assets = Path(__file__).with_name("swagger_ui")
    return [
        Route(PREFIX, page),
        Route(f"{PREFIX}/page.js", script),
        Mount(f"{PREFIX}/assets", StaticFiles(directory=assets)),
    ]
