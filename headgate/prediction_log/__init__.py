"""What was asked, what was answered, and what turned out to be true; read by drift and retraining."""

from headgate.prediction_log.entry import Entries, entry_of, hash_of_key
from headgate.prediction_log.feedback import Label, NoSuchRow, store_feedback, without_prediction
from headgate.prediction_log.read import logged_models, read_rows
from headgate.prediction_log.removal import forget_key, forget_named, forget_older
from headgate.prediction_log.write import write_entries

__all__ = ["Entries", "Label", "NoSuchRow", "entry_of", "forget_key", "forget_named", "forget_older", "hash_of_key",
           "logged_models", "read_rows", "store_feedback", "without_prediction", "write_entries"]
