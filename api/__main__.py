"""Start the service: `python -m api --help`."""

from api.launch.main import main

if __name__ == "__main__":
    main()
