"""What happens behind the answers: the prediction log, feedback and metrics."""
