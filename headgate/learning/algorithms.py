"""The five algorithms: how each one's inputs are encoded, its defaults, and the parameters a spec may set."""

import importlib
import re
from dataclasses import dataclass, field

from headgate.errors import HeadgateError, SpecError
from headgate.spec.explain import nearest

EVERYWHERE = frozenset({"random_state", "n_jobs", "class_weight", "verbose", "warm_start"})

# What a library calls some of its parameters in its messages.
OTHER_NAMES = {"xgboost": {"eta": "learning_rate", "min_split_loss": "gamma", "lambda": "reg_lambda",
                           "alpha": "reg_alpha"}}


@dataclass(frozen=True)
class Recipe:
    """How one algorithm is made.

    module, estimator : where the estimator class is. style : see Encoding. defaults : where ours differ from the
    library's. fixed : what a spec cannot change. reserved : parameters that would break the graph or are set
    elsewhere in the spec.
    """

    module: str
    estimator: str
    style: str
    defaults: dict = field(default_factory=dict)
    fixed: dict = field(default_factory=dict)
    reserved: frozenset = frozenset()

    def make(self, parameters, seed):
        """Return an unfitted estimator."""
        return self.type(random_state=seed, **(self.defaults | parameters | self.fixed))

    @property
    def type(self):
        """The estimator's class; imports its library."""
        return getattr(importlib.import_module(self.module), self.estimator)

    @property
    def parameters(self):
        """Names that a spec may set, sorted."""
        return sorted(set(self.type().get_params()) - EVERYWHERE - self.reserved - set(self.fixed))


RECIPES = {
    # Categories as codes: with categorical_features the converted trees are silently wrong.
    "hist_gradient_boosting": Recipe(
        "sklearn.ensemble", "HistGradientBoostingClassifier", "plain",
        reserved=frozenset({"categorical_features", "monotonic_cst", "interaction_cst", "loss", "scoring"})),
    # Leaves hold at least one row in 2,000: on flights as accurate as one in 20,000, in a sixth of the graph.
    "random_forest": Recipe(
        "sklearn.ensemble", "RandomForestClassifier", "filled",
        defaults={"n_estimators": 100, "min_samples_leaf": 5e-4}, fixed={"n_jobs": -1},
        reserved=frozenset({"oob_score", "monotonic_cst"})),
    "logistic_regression": Recipe(
        "sklearn.linear_model", "LogisticRegression", "one_hot", defaults={"max_iter": 1000},
        reserved=frozenset({"penalty", "multi_class"})),
    "xgboost": Recipe(
        "xgboost", "XGBClassifier", "plain",
        defaults={"n_estimators": 200, "learning_rate": 0.1, "max_depth": 6}, fixed={"tree_method": "hist"},
        reserved=frozenset({"booster", "callbacks", "device", "early_stopping_rounds", "enable_categorical",
                            "eval_metric", "feature_types", "importance_type", "interaction_constraints", "missing",
                            "monotone_constraints", "multi_strategy", "num_parallel_tree", "objective",
                            "base_score", "validate_parameters", "verbosity", "feature_weights"})),
    "neural_net": Recipe(
        "sklearn.neural_network", "MLPClassifier", "one_hot",
        defaults={"hidden_layer_sizes": (64, 32), "max_iter": 200, "n_iter_no_change": 5}),
}


def recipe_of(algorithm):
    """Return the Recipe; raises SpecError with the nearest name."""
    if algorithm not in RECIPES:
        raise SpecError("Unknown algorithm.", value=algorithm, limit=", ".join(RECIPES),
                        remedy=nearest(algorithm, RECIPES))
    return RECIPES[algorithm]


def check_parameters(algorithm, parameters):
    """Raise SpecError if `parameters` has a name that the algorithm does not take."""
    known = recipe_of(algorithm).parameters
    for name in parameters:
        if name not in known:
            raise SpecError(f"algorithms.{algorithm}: {name!r} is no parameter that can be set here.",
                            limit=", ".join(known), remedy=nearest(str(name), known))


def refused(algorithm, parameters, error):
    """Return what to raise for a `ValueError` or `TypeError` of an estimator: SpecError if a parameter is at fault."""
    message = " ".join(str(error).split()).rstrip(".")
    for other, name in OTHER_NAMES.get(algorithm, {}).items():
        message = re.sub(rf"\b{other}\b", name, message)
    blamed = ([name for name in parameters if f"'{name}'" in message]
              or [name for name in parameters if re.search(rf"\b{re.escape(name)}\b", message)])
    if blamed:
        return SpecError(f"algorithms.{algorithm}.{blamed[0]} cannot be used: {message[:300]}.",
                         value=repr(parameters[blamed[0]]))
    return HeadgateError(f"{algorithm} could not be fitted: {message[:500]}.", value=parameters or None,
                         remedy="Look at its parameters in model.yaml." if parameters else None)
