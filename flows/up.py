"""Bring up the whole system on one machine and keep it up.

    python -m flows.up --help
"""

if __name__ == "__main__":
    from flows.launch.up import app

    app()
