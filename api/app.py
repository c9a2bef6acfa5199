"""The application: FastAPI, with the prediction routes straight on ASGI before its routing."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from api.openapi.document import document
from api.pages import ASSETS, assets_folder, docs_page
from api.problems import Trouble
from api.routes import about, admin, feedback
from api.routes.browsers import Browsers
from api.routes.directly import Directly
from api.routes.guard import Guard
from api.routes.named import named_model
from api.routes.predict import Predict, PredictBatch
from api.routes.translate import http_error, invalid_request, told
from api.service import Service
from api.settings import Settings
from headgate.errors import HeadgateError

ROUTERS = about.router, feedback.router, admin.router


class Application(FastAPI):
    """Sends a prediction's path straight to what answers it, and everything else through FastAPI.

    direct : path (bytes) -> Directly, for a server that has the whole request of a single row at once.
    """

    hot, direct, _told = {}, {}, None

    async def __call__(self, scope, receive, send):
        hot = self.hot.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (hot or self.guarded)(scope, receive, send)

    def openapi(self):
        """Return the OpenAPI document for the models that serve now; it is put together once for each state."""
        service = self.state.service
        if self._told is None or self._told[0] is not service.state:
            self._told = service.state, document(service, self.routes)
        return self._told[1]


def create_app(settings=None, workspace=None):
    """Return the ASGI application, which starts its work when its lifespan begins.

    Raises HeadgateError for settings that cannot be used.
    """
    service = Service(settings or Settings(), workspace)
    app = Application(title="Headgate", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None,
                      redirect_slashes=False)
    app.state.service = service
    for kind, handler in ((Trouble, told), (HeadgateError, told), (HTTPException, http_error),
                          (RequestValidationError, invalid_request), (Exception, told)):
        app.add_exception_handler(kind, handler)
    for router in ROUTERS:
        app.include_router(router)
    _add_pages(app)
    _add_predictions(app, service)
    return app


def _add_predictions(app, service):
    app.router.routes += [
        Route("/predict", Predict(service), methods=["POST"]),
        Route("/predict/batch", PredictBatch(service), methods=["POST"]),
        Route("/models/{name}/predict", named_model(service, Predict), methods=["POST"]),
        Route("/models/{name}/predict/batch", named_model(service, PredictBatch), methods=["POST"])]
    routes = [*(route for router in ROUTERS for route in router.routes), *app.routes]
    app.guarded = Guard(super(Application, app).__call__, service, routes)
    if service.settings.cors_origins:     # then the prediction routes need the same headers: nothing goes around it
        app.guarded = Browsers(app.guarded, service, routes)
        return
    service.listeners.append(lambda state: _shorten(app, service, state))
    _shorten(app, service, service.state)


def _shorten(app, service, state):
    """Let the predictions of the models that serve go the short ways."""
    whose = {"": None, **{f"/models/{name}": name for name in state.served}}
    app.hot = {f"{path}/predict": Predict(service, name) for path, name in whose.items()}
    app.hot |= {f"{path}/predict/batch": PredictBatch(service, name) for path, name in whose.items()}
    app.direct = {f"{path}/predict".encode(): Directly(service, name) for path, name in whose.items()}


def _add_pages(app):
    app.mount(ASSETS, StaticFiles(directory=assets_folder()), name="assets")
    app.add_api_route("/docs", lambda: docs_page(), include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/openapi.json", lambda: _json(app.openapi()), include_in_schema=False)


def _json(value):
    import orjson
    return Response(orjson.dumps(value), media_type="application/json")


@asynccontextmanager
async def _lifespan(app):
    await app.state.service.start()
    yield
    await app.state.service.stop()


def __getattr__(name):
    """`api.app:app` for an ASGI server, made from the environment when it is first asked for."""
    if name == "app":
        globals()["app"] = create_app()
        return globals()["app"]
    raise AttributeError(name)
