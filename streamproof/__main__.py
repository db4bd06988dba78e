"""`python -m streamproof` is the command `streamproof`."""

from streamproof.cli import main

main()
