"""Everything that can be set, from the environment or the command line."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the service; each is also read from HEADGATE_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="HEADGATE_", env_ignore_empty=True, extra="ignore",
                                      allow_inf_nan=False)

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 is every one of this machine.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=256, description="Processes that answer.")
    bundles: Path | None = Field(None, description="Folder of bundles with a roles.json; left out, the registry.")
    alias: str = Field("champion", pattern="^[a-z][a-z0-9_-]{0,19}$", description="Whose versions serve, in the "
                       "registry or in roles.json; a model without that one is served by its champion.")
    default_model: str | None = Field(None, description="Model of the routes without a name. Left out: the one that "
                                                        "roles.json names, or the only one, or flights.")
    poll_seconds: float = Field(2.0, ge=0.1, le=3600, description="How often to look for another champion.")
    slowest_ms: float = Field(250.0, gt=0, description="A version whose single row takes longer is refused.")
    awake_us: int = Field(250, ge=0, le=100_000, description="Microseconds for which a worker looks out for the next "
                                                             "request before it sleeps; needs a spare processor.")
    threads: int = Field(0, ge=0, le=256, description="Threads for large batches; 0 is one per processor.")
    max_body_mb: float = Field(32.0, gt=0, le=4096, description="Largest body of a request, in megabytes.")
    max_rows: int = Field(50_000, ge=1, description="Most rows in one batch.")
    request_seconds: float = Field(30.0, gt=0, description="Time for a client to send its body, and for a large batch.")
    shutdown_seconds: int = Field(30, ge=0, description="Time for running requests when the service is told to stop.")
    keys_file: Path | None = Field(None, description="File of hashed API keys; without one there are no admin routes "
                                                     "and everybody may ask for predictions.")
    cors_origins: list[str] = Field([], description="Web origins that may call from a browser, as a JSON list.")
    prediction_log: bool = Field(True, description="Write predictions to the database.")
    log_process: bool = Field(True, description="Write the log in a process of its own; without it a thread does, with "
                                                "40 MB less and slower answers.")
    log_seconds: float = Field(0.25, gt=0, le=1.0, description="How long a prediction may wait for the database.")
    log_buffer_mb: float = Field(64.0, gt=0, le=1_000_000, description="Memory for predictions that wait.")
    log_spill_mb: float = Field(1024.0, ge=0, le=1e9, description="Disk for predictions while the database is away.")
    log_days: float | None = Field(None, gt=0, le=36_500, description="Age in days at which predictions and their "
                                                                      "feedback are deleted; left out, never.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least important of the "
                                                                                        "messages that are shown.")

    @property
    def max_body(self):
        """Bytes."""
        return int(self.max_body_mb * 1024 * 1024)

    @property
    def awake_seconds(self):
        """Seconds; 0 where the workers would take the processors from each other."""
        return self.awake_us / 1e6 if self.workers < (os.cpu_count() or 1) else 0

    @property
    def batch_threads(self):
        return self.threads or os.cpu_count() or 1
