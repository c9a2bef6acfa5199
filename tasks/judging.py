"""Judge the chosen candidate and put its bundle together."""

import logging

from prefect import task

from headgate.training.assemble import assemble
from headgate.training.judged import judge_candidate
from headgate.training.values import Judged
from tasks.candidates import split_of

log = logging.getLogger("headgate.tasks.judging")


@task(name="judge", task_run_name="judge {candidate.algorithm}")
def judge(job, table, snapshot, removed, scored, candidate, champion):
    """Run every gate on the holdout and seal the bundle; returns a Judged. Gates are never retried."""
    split = split_of(job, snapshot)
    verdict, evaluation, theirs = judge_candidate(job.spec, candidate, split, champion,
                                                  elsewhere=job.workspace.champion_elsewhere)
    reading = {"source": table.source, "rows_read": table.rows, "dropped": table.dropped, "removed": removed,
               "added": table.added}
    name = f"{job.request.model}-{job.request.key[:12]}-{candidate.algorithm}"
    folder, digest = assemble(job, snapshot, candidate, split, verdict=verdict, evaluation=evaluation,
                              scored=scored, reading=reading, champion=theirs, name=name)
    log.info("%s", verdict.sentence)
    return Judged(str(folder), digest, verdict.to_dict(), evaluation["metrics"]["accuracy"], candidate.algorithm)
