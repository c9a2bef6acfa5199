"""What browsers may ask from the pages of other sites."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from api.problems import Trouble
from api.routes.guard import Guard

OWN = b"content-type", b"content-length"
METHODS = ["GET", "POST"]


class Browsers(CORSMiddleware):
    """Around all routes. A preflight is a request like any other: with an id, counted, and refused with a problem."""

    def __init__(self, app, service, routes):
        super().__init__(app, allow_origins=service.settings.cors_origins, allow_methods=METHODS, allow_headers=["*"],
                         expose_headers=["X-Request-ID"])
        self.preflights = Preflights(self.answer, service, routes)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "origin" in headers and "access-control-request-method" in headers:
                return await self.preflights(scope, receive, send)
        await super().__call__(scope, receive, send)

    async def answer(self, scope, receive, send):
        """Answer a preflight, or raise Trouble 400."""
        response = self.preflight_response(Headers(scope=scope))
        if response.status_code != 200:
            raise Trouble(400, f"{response.body.decode()}. HEADGATE_CORS_ORIGINS names the sites that may ask, with "
                               f"{' or '.join(METHODS)}.",
                          headers=tuple(pair for pair in response.raw_headers if pair[0] not in OWN))
        await response(scope, receive, send)


class Preflights(Guard):
    """The guard of requests with which a browser sends no key, and no body."""

    async def _checked(self, scope, receive, head):
        return receive
