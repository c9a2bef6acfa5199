"""Judge a table before anything is learnt from it."""

from headgate.validation.pages import write_validation_report
from headgate.validation.quarantine import offending, quarantine
from headgate.validation.report import Check, ValidationReport
from headgate.validation.run import validate

__all__ = ["Check", "ValidationReport", "offending", "quarantine", "validate", "write_validation_report"]
