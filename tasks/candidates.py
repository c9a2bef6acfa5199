"""Compare algorithms by cross-validation, then fit the best one and turn it into one graph."""

from prefect import task

from headgate.learning.algorithms import recipe_of
from headgate.training.fit import fit_candidate, parity_tolerance
from headgate.training.score import check_model_features, fold_count, score_algorithm, threads_each
from headgate.training.table import load_split
from tasks import shelf
from tasks.caching import key_of, step_key
from tasks.parts import of_learning


def split_of(job, snapshot):
    """Return the two sides of a snapshot, loaded once per process."""
    return shelf.get(f"split-{snapshot.digest}-{job.request.as_of}",
                     lambda: load_split(job.spec, job.request, snapshot))


@task(name="check features", task_run_name="check features of {job.request.model}",
      cache_key_fn=step_key("fit", lambda job, snapshot: ["features", snapshot.digest, job.request.as_of,
                                                          of_learning(job.spec, job.folder)]))
def check_features(job, snapshot):
    """Refuse a features.py that cannot be served, before anything is fitted."""
    check_model_features(job.spec, job.folder, split_of(job, snapshot))
    return True


def import_algorithms(names):
    """Import the libraries of algorithms before threads do: two that import scikit-learn at once can fail."""
    for name in names:
        _ = recipe_of(name).type


def _score_part(job, snapshot, algorithm):
    return [snapshot.digest, job.request.as_of, of_learning(job.spec, job.folder), algorithm,
            job.spec.algorithms.get(algorithm, {}), job.spec.search.model_dump(), fold_count(job.spec)]


@task(name="cross-validate", task_run_name="cross-validate {algorithm}", cache_key_fn=step_key("score", _score_part))
def cross_validate(job, snapshot, algorithm):
    """Score one algorithm on training rows; returns a Scored."""
    return score_algorithm(job.spec, job.folder, algorithm, split_of(job, snapshot),
                           threads=threads_each(len(job.request.algorithms)))


def _fit_part(job, snapshot, scored):
    return [snapshot.digest, job.request.as_of, of_learning(job.spec, job.folder), scored.algorithm,
            scored.parameters, scored.folds, parity_tolerance(job.spec)]


@task(name="fit", task_run_name="fit {scored.algorithm}", cache_key_fn=step_key("fit", _fit_part))
def fit(job, snapshot, scored):
    """Fit on every training row and convert; returns a Candidate."""
    place = job.workspace.home / "candidates" / key_of("fit", _fit_part(job, snapshot, scored))
    return fit_candidate(job.spec, job.folder, scored, split_of(job, snapshot), place)


def candidate_exists(candidate):
    """False when the folder behind a cached candidate was deleted."""
    return (candidate.folder / "model.onnx").is_file()
