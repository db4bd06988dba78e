"""The command `streamproof`: its commands, and what becomes of everything that goes wrong."""

from __future__ import annotations

import signal
import sys
import traceback
from io import TextIOWrapper
from typing import NoReturn

import click

from streamproof import __version__
from streamproof.commands.check import check
from streamproof.commands.demo import demo
from streamproof.commands.mock import mock
from streamproof.commands.rules import rules

_OUR_FAULT = 4  # never 1, which says that a target does not conform
_INTERRUPTED = 130  # as a shell says of a command that Ctrl-C ended


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="streamproof")
def cli() -> None:
    """Contract tests and a stateful mock server for two data-stream APIs.

    \b
    streamproof demo                 see both at work, on this machine
    streamproof mock                 serve the mock
    streamproof check dotide --url http://127.0.0.1:8080/v1/demo --basic demo-client:demo-secret
    streamproof rules dotide         read what is checked
    """


for command in (mock, check, rules, demo):
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line. Exit codes: those of the command; 2 for what the user has to mend."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # rulebooks have characters that a console lacks
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job cleans up, too
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as fault:
        _fail(fault.format_message(), getattr(fault, "ctx", None))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    except Exception as fault:
        from streamproof.specs.errors import SpecError

        if isinstance(fault, SpecError):
            _fail(str(fault))
        traceback.print_exc()
        sys.exit(_OUR_FAULT)
    sys.exit(code)


def _fail(message: str, context: click.Context | None = None) -> NoReturn:
    hint = f" (`{context.command_path} --help` explains)" if context else ""
    click.echo(f"Error: {' '.join(message.split())}{hint}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
