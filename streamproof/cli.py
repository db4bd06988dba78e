"""The command `streamproof`: its commands, and what becomes of everything that goes wrong."""

from __future__ import annotations

import codecs
import errno
import json
import os
import sys
import traceback
from io import TextIOWrapper
from typing import NoReturn

import click

from streamproof import __version__
from streamproof.commands.check import check
from streamproof.commands.demo import demo
from streamproof.commands.diff import diff
from streamproof.commands.doctor import doctor
from streamproof.commands.init import init
from streamproof.commands.mock import mock
from streamproof.commands.plan import plan
from streamproof.commands.probe import probe
from streamproof.commands.rules import rules
from streamproof.commands.send import send
from streamproof.commands.sweep import sweep
from streamproof.commands.twin import twin
from streamproof.commands.validate import validate
from streamproof.commands.waive import waive
from streamproof.errors import error_line
from streamproof.signals import INTERRUPTED

_AS_JSON = "streamproof.as-json"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # of a disk that takes no more
_OUR_FAULT = 4  # never 1, which says that a target does not conform


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


_COMMANDS = (
    *(mock, init, doctor, plan, probe, check, twin, waive),
    *(validate, diff, send, sweep, rules, demo),
)
for command in _COMMANDS:
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line. Exit codes: those of the command; 2 for what the user has to mend."""
    codecs.register_error(_AS_JSON, _as_json)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_AS_JSON)
    try:
        code = cli.main(standalone_mode=False)
        _flush(told=code is not None)
    except click.ClickException as fault:
        _fail(fault.format_message(), getattr(fault, "ctx", None))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as fault:
        from streamproof.specs.errors import SpecError

        if isinstance(fault, SpecError):
            _fail(str(fault))
        if isinstance(fault, OSError) and fault.errno in _FULL and fault.filename is None:
            _forget_output()
            _fail(f"standard output: {fault.strerror}")
        traceback.print_exc()
        sys.exit(_OUR_FAULT)
    sys.exit(code)


def _as_json(fault: UnicodeError) -> tuple[str, int]:
    """Characters that a console lacks as JSON escapes: a command to repeat a call stays the same
    call, where a question mark would make it another."""
    assert isinstance(fault, UnicodeEncodeError)
    return json.dumps(fault.object[fault.start : fault.end])[1:-1], fault.end


def _flush(told: bool) -> None:
    """Write what is still held back. Where the exit code has `told` the verdict, it stays."""
    try:
        sys.stdout.flush()
    except OSError:
        if not told:
            raise
        _forget_output()


def _forget_output() -> None:
    """Let the interpreter end without another try to write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, context: click.Context | None = None) -> NoReturn:
    hint = f" (`{context.command_path} --help` explains)" if context else ""
    click.echo(error_line(f"{message}{hint}"), err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
