"""Bring a version into production: choose it, prove it on staging, promote it, verify, watch, and undo it if it fails.

Plain functions with the verdicts; `flows.deploy` puts them in their order. Everything that must survive a kill is in
the ledger (`headgate.rollout.record`); services are asked over HTTP alone (`headgate.rollout.service`).
"""
