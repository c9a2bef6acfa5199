"""When to train again, and with what: decided by rules, held back by a cool-down and a budget, and written down."""
