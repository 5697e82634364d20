"""The command `readycheck`."""

from readycheck.cli import main

if __name__ == "__main__":
    main()
