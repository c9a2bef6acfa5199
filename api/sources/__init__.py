"""Where versions come from: the registry, or a folder of bundles."""
