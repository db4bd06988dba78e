"""The command `streamproof`, and `python -m streamproof`."""

from typing import NoReturn

from streamproof.signals import end_at_once


def main() -> NoReturn:
    """Run the command line, told of signals before the slow imports begin."""
    end_at_once()
    from streamproof.cli import main

    main()


if __name__ == "__main__":
    main()
