"""Start a flow on the Prefect server of PREFECT_API_URL, wait for its end, and end as it did.

    python -m flows.remote --help
"""

if __name__ == "__main__":
    from flows.launch.remote import app

    app()
