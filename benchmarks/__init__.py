"""Every claim about speed, memory and error rates: one command each, figures measured in one run."""
