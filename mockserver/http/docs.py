"""`/docs`: the served document as an interactive page, offline: Swagger UI is shipped with the package."""

from pathlib import Path

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
<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</body>
</html>
"""

_SCRIPT = """SwaggerUIBundle({
  url: "/_mock/openapi.yaml",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  docExpansion: "list",
  validatorUrl: null,
});
"""


def routes(names: str) -> list[BaseRoute]:
    """The page, its script and Swagger UI's files; `names` are the served contracts, for the title."""

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE.format(names=names))

    async def script(request: Request) -> Response:
        return Response(_SCRIPT, media_type="text/javascript")

    assets = Path(__file__).with_name("swagger_ui")
    return [
        Route(PREFIX, page),
        Route(f"{PREFIX}/page.js", script),
        Mount(f"{PREFIX}/assets", StaticFiles(directory=assets)),
    ]
