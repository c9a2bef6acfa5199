"""What was asked and answered, and what turned out to be true: written behind the answers, read by drift and retraining."""

from headgate.prediction_log.entry import entry_of
from headgate.prediction_log.feedback import Label, store_feedback, without_prediction
from headgate.prediction_log.read import read_rows
from headgate.prediction_log.removal import forget_key, forget_older
from headgate.prediction_log.write import write_entries

__all__ = ["Label", "entry_of", "forget_key", "forget_older", "read_rows", "store_feedback", "without_prediction",
           "write_entries"]
