"""Tell the team what came of trainings that ran elsewhere.

    python -m flows.announce --help
"""

if __name__ == "__main__":
    from flows.launch.announce import app

    app()
