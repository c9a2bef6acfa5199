"""The prediction routes of a model by name, where the short way round FastAPI's routing was not taken."""


def named_model(service, kind):
    """Return an ASGI endpoint that answers for the `name` in the path."""
    return _Named(service, kind)


class _Named:
    def __init__(self, service, kind):
        self.service, self.kind = service, kind

    async def __call__(self, scope, receive, send):
        await self.kind(self.service, scope["path_params"]["name"])(scope, receive, send)
