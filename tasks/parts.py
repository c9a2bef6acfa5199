"""The part of a spec that each step depends on, so that an edit repeats only the steps it reaches."""

from headgate.data.cells import cells_of


def of_reading(spec):
    """Where rows come from, which columns are wanted, how their cells become values, what the target is made of."""
    cells = cells_of(spec)
    limits = {"max_removed_share", "min_rows", "min_class_rows", "max_age_days", "holdout"}
    return [spec.data.model_dump(mode="json", exclude=limits),
            spec.column_names, spec.target.column, spec.target.derive and spec.target.derive.model_dump(),
            sorted(cells.text), sorted(cells.numbers), {name: sorted(words) for name, words in cells.words.items()}]


def of_validation(spec):
    """Everything that a check may look at."""
    return [of_reading(spec), spec.data.model_dump(mode="json"),
            [column.model_dump(mode="json", exclude={"description", "unit"}) for column in spec.columns],
            spec.target.model_dump(mode="json"), spec.drift.model_dump(mode="json")]


def of_learning(spec, folder):
    """What a fit can see: kinds and categories, the target, the split, the seed, the features function."""
    from headgate.training.digests import features_digest

    return [[(column.name, column.kind, column.categories, column.nullable, column.unknown)
             for column in spec.columns],
            spec.target.model_dump(mode="json", exclude={"labels"}), spec.data.holdout.model_dump(),
            spec.data.time_column, spec.data.key, spec.seed, features_digest(folder)]
