"""Contract tests and a stateful mock server for data-stream APIs."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("streamproof")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+checkout"
