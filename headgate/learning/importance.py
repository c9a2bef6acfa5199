"""Permutation importance of each raw column, measured through the graph that serves."""

import numpy as np

MAX_ROWS, REPEATS = 5000, 3


def importance(scorer, columns, y, seed):
    """Return {raw column: mean drop in accuracy when its values are shuffled}; {} without rows.

    scorer : Scorer, whose labels respect the threshold. columns : dict of arrays (n,). y : (n,) int. At most 5,000
    rows are used, drawn by seed. Source: Breiman (2001), Random Forests, section 10.
    """
    generator = np.random.default_rng(seed)
    if not len(y):
        return {}
    chosen = np.sort(generator.choice(len(y), size=min(MAX_ROWS, len(y)), replace=False))
    sample, truth = {name: values[chosen] for name, values in columns.items()}, np.asarray(y)[chosen]
    whole = np.mean(scorer.labels(sample) == truth)
    drops = {}
    for name in scorer.names:
        shuffled = [sample | {name: generator.permutation(sample[name])} for _ in range(REPEATS)]
        drops[name] = float(whole - np.mean([np.mean(scorer.labels(one) == truth) for one in shuffled]))
    return drops
