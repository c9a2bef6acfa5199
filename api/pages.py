"""Pages for a browser: the front page, and the OpenAPI document as documentation, both without any other site."""

import json
from html import escape
from pathlib import Path
from string import Template

from fastapi.openapi.docs import get_swagger_ui_html

from api.openapi.rows import example_row, statistics_of

PAGE = Path(__file__).parent / "templates" / "front.html"
ASSETS = "/docs/assets"
HERE = "http://127.0.0.1:8000"


def front_page(state, version, *, keys=False):
    """Return the front page: every model, how it did, and a line that asks it. keys : whether that needs an API key."""
    cards = "".join(card(one, name == state.default, keys) for name, one in sorted(state.served.items()))
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        version=escape(version), here=HERE, cards=cards or '<p class="none">No model has a champion yet. Train one: '
        "<code>python -m flows.train</code>. <a href=\"/ready\">/ready</a> says more.</p>")


def docs_page():
    """Return Swagger UI over /openapi.json, its script and style from this service."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json", title="Headgate API", swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css", swagger_favicon_url=f"{ASSETS}/favicon.png",
        swagger_ui_parameters={"defaultModelsExpandDepth": 0, "displayRequestDuration": True, "tryItOutEnabled": True})


def assets_folder():
    """Return where the package with Swagger UI keeps its files."""
    import fastapi_offline
    return Path(fastapi_offline.__file__).parent / "static"


def card(served, default, keys):
    """Return what the front page shows of a Served."""
    metrics = served.facts["evaluation"].get("metrics", {})
    accuracy = metrics.get("accuracy")
    facts = [f"version {served.version}", served.role, served.facts["lineage"].get("algorithm", "").replace("_", " ")]
    facts += [f"accuracy {accuracy:.4f} on its holdout"] if isinstance(accuracy, float) else []
    note = '<span class="default">default</span>' if default else ""
    return (f'<section><h2><a href="/models/{escape(served.model)}">{escape(served.model)}</a>{note}</h2>'
            f"<p>{escape(served.spec.description)}</p><p class=\"facts\">{escape(' · '.join(facts))}</p>"
            f"<pre>{escape(_command(served, default, keys))}</pre></section>")


def _command(served, default, keys):
    """Return a line for a shell that asks for a prediction; the page puts its own address in."""
    path = "/predict" if default else f"/models/{served.model}/predict"
    body = json.dumps(example_row(served.spec, statistics_of(served)), ensure_ascii=False).replace("'", r"'\''")
    key = " -H 'X-API-Key: YOUR-KEY'" if keys else ""
    return f"curl -s {HERE}{path} -H 'Content-Type: application/json'{key} -d '{body}'"
