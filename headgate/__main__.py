"""`python -m headgate`."""

from headgate.commands.app import main

if __name__ == "__main__":
    main()
