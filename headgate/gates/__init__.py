"""The gates that a candidate must pass, and the verdict over them: numpy alone, quick to import."""

from headgate.gates.evidence import ChampionEvidence, CostEvidence, Evidence, ParityEvidence
from headgate.gates.result import GateResult, Verdict
from headgate.gates.table import markdown_table, plain_table
from headgate.gates.verdict import judge

__all__ = ["ChampionEvidence", "CostEvidence", "Evidence", "GateResult", "ParityEvidence", "Verdict",
           "judge", "markdown_table", "plain_table"]
