"""What was asked of a deployment, with what the environment and the spec add to it."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from headgate.bundle import read_spec
from headgate.errors import HeadgateError
from headgate.rollout.judge import Limits
from headgate.rollout.service import Service, check_url
from headgate.spec import load_spec

PRODUCTION, STAGING = "HEADGATE_PRODUCTION_URL", "HEADGATE_STAGING_URL"
ADMIN_KEY, STAGING_KEY = "HEADGATE_ADMIN_KEY", "HEADGATE_STAGING_KEY"
LONGEST = 7 * 86_400


@dataclass(frozen=True)
class Asked:
    """patience : seconds that a service has to serve a version. watch_seconds : None leaves it to the spec.

    stage_only : end when staging has proved it. staged : take only what an earlier run with stage_only proved.
    production : base URLs, one per service whose figures are its own. staging : one, or "". override : reason, or "".
    """

    model: str
    version: str
    approve: bool
    approval_timeout: float
    staging: str
    production: tuple
    watch_seconds: float | None
    patience: float
    override: str
    stage_only: bool = False
    staged: bool = False


def ask(model, version, *, approve=False, approval_timeout=3600, staging_url=None, production_url=None,
        watch_seconds=None, patience=60, override=None, stage_only=False, staged=False, environment=None):
    """Return the Asked; raise HeadgateError naming what cannot be used."""
    environment = os.environ if environment is None else environment
    if override is not None and not override.strip():
        raise HeadgateError("--override needs a reason.", value=repr(override),
                            remedy="Say why this version should serve although a gate did not pass.")
    staging = (staging_url or environment.get(STAGING) or "").strip()
    production = (production_url or environment.get(PRODUCTION) or "").replace(",", " ").split()
    return Asked(model, str(version).strip(), approve, _seconds("--approval-timeout", approval_timeout, least=1),
                 check_url(staging) if staging else "", tuple(dict.fromkeys(map(check_url, production))),
                 None if watch_seconds is None else _seconds("--watch-seconds", watch_seconds, least=0),
                 _seconds("--patience", patience, least=1), (override or "").strip(), stage_only, staged)


def staging_service(asked, environment=None):
    """Return the Service of the staging URL, or None."""
    environment = os.environ if environment is None else environment
    return Service(asked.staging, key=environment.get(STAGING_KEY, "").strip()) if asked.staging else None


def production_services(urls, environment=None):
    """Return a Service for each URL of production."""
    environment = os.environ if environment is None else environment
    return tuple(Service(url, key=environment.get(ADMIN_KEY, "").strip()) for url in urls)


def rollout_of(workspace, model, folder):
    """Return the `rollout` of model.yaml as it is now; without the model's folder, that of the bundle."""
    mine = workspace.root / "models" / model
    return load_spec(mine).rollout if (mine / "model.yaml").is_file() else read_spec(Path(folder)).rollout


def limits_of(rollout):
    """Return the Limits of the watch."""
    return Limits(rollout.max_error_rise, rollout.max_slowdown)


def _seconds(name, value, *, least):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) \
            or not least <= value <= LONGEST:
        raise HeadgateError(f"{name} is no number of seconds that can be waited for.", value=repr(value),
                            limit=f"from {least} to {LONGEST}")
    return float(value)
