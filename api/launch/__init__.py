"""The command that starts the service, and the one that makes keys."""
