"""What is wrong with a model folder that no row of its table is needed to know."""

from headgate.data.clock import time_zone
from headgate.learning.features import load_features
from headgate.learning.parameter_check import check_algorithms


def refuse_early(spec, folder, algorithms=None):
    """Raise SpecError or FeaturesError for what a training of `folder` would come upon only after reading its table.

    algorithms : names of those to be trained; the spec's by default. Looked at: the time zone, every hyperparameter,
    and whether features.py can be loaded and traced.
    """
    time_zone(spec)
    check_algorithms(spec, folder / "model.yaml", algorithms)
    features = load_features(folder)
    if features is not None:
        from headgate.graph.convert import trace_features

        trace_features(features, spec)
