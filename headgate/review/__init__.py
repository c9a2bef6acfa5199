"""What a reviewer of a pull request is told: one comment per topic, kept up to date."""

from headgate.review.comment import Repository, tell_reviewers

__all__ = ["Repository", "tell_reviewers"]
