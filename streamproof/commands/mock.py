"""`streamproof mock`: serve the mock until Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import FILE, api_name
from streamproof.signals import interrupt

if TYPE_CHECKING:
    from streamproof.mockserver.config import MockConfig
    from streamproof.specs.errors import SpecError


_SHOWN = 10  # ids of a fixture in the banner


@click.command()
@click.argument("apis", metavar="[API]...", nargs=-1, type=api_name)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen at; 0 takes any free one.",
)
@click.option("--dialect", type=FILE, help="How to settle silent points: a table for each API.")
@click.option(
    "--fault",
    "faults",
    metavar="NAME",
    multiple=True,
    help="Break a rule in this way, or go wrong as in latency:operation=list,ms=300.",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="What opens /_mock to whoever sends it as a bearer, on any host; may be env:NAME.",
)
@click.option(
    "--cors", metavar="ORIGIN", multiple=True, help="Let pages of this origin call the APIs."
)
@click.option("--tls-cert", type=FILE, help="Serve HTTPS with this certificate (PEM).")
@click.option("--tls-key", type=FILE, help="Its key, where it isn't in the same file (PEM).")
@click.option("--log", is_flag=True, help="Print a line for each call.")
@click.option("--list-faults", is_flag=True, help="Print all faults with what they do wrong.")
@click.option(
    "--database-url",
    metavar="URL",
    help="Where the state is: postgresql://… or sqlite:///file, or env:NAME; otherwise in memory.",
)
@click.option("--seed-data", type=FILE, help="Credentials and records to start with.")
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that answer; several need a data base to share.",
)
def mock(
    apis: tuple[str, ...],
    host: str,
    port: int,
    dialect: Path | None,
    faults: tuple[str, ...],
    control_token: str | None,
    cors: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    log: bool,
    list_faults: bool,
    database_url: str | None,
    seed_data: Path | None,
    workers: int,
) -> None:
    """Serve a mock of the named APIs, of all when none is named, until Ctrl-C.

    API is a name, or the folder of an openapi.yaml."""
    interrupt()
    from streamproof.config import read_dialects, read_seed_data
    from streamproof.files import secret
    from streamproof.mockserver import serve
    from streamproof.mockserver.addresses import bracketed, is_loopback
    from streamproof.mockserver.config import MockConfig
    from streamproof.mockserver.errors import UnusableConfig, UnusableDatabase
    from streamproof.mockserver.faults import UnknownFaultError
    from streamproof.specs.api import names
    from streamproof.specs.errors import SpecError
    from streamproof.specs.homes import home

    if not host.strip():
        raise click.BadParameter("an address or a name expected", param_hint="--host")
    served = tuple(dict.fromkeys(home(each).key for each in apis)) or names()
    if list_faults:
        _list_faults(served)
        return
    tls = _tls(tls_cert, tls_key)
    try:
        config = MockConfig(
            apis=served,
            dialects=read_dialects(dialect, served) if dialect else {},
            fixtures=read_seed_data(seed_data, served) if seed_data else {},
            faults=faults,
            database_url=database_url and secret(database_url, "--database-url", ""),
            workers=workers,
            log=log,
            control_token=control_token and secret(control_token, "--control-token", ""),
            cors=cors,
        )
        with serve.claim(host, port) as held:
            url = f"{'https' if tls else 'http'}://{bracketed(host)}:{held.getsockname()[1]}"
            serve.run(config, held, "\n".join(_banner(config, url, is_loopback(host))), tls)
    except UnknownFaultError as fault:
        raise click.ClickException(f"--fault: {fault}") from None
    except UnusableDatabase as fault:
        raise click.ClickException(f"--database-url: {fault}") from None
    except UnusableConfig as fault:
        raise click.ClickException(str(fault)) from None
    except SpecError as fault:
        raise _of_seed_data(fault, seed_data) from None
    except (OSError, UnicodeError) as fault:
        why = (getattr(fault, "strerror", None) or str(fault)).partition(" (")[0].lower()
        raise click.ClickException(f"can't listen at {host}, port {port}: {why}") from None


def _tls(cert: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """The files of certificate and key, which are known to fit."""
    import ssl

    if cert is None:
        if key is not None:
            raise click.ClickException("--tls-key: give the certificate, too, by --tls-cert")
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, lambda: "")
    except (OSError, ValueError) as fault:
        why = " ".join(str(fault).split())
        named = f"{cert} and {key}" if key else str(cert)
        raise click.ClickException(
            f"--tls-cert: {named}: no certificate with its key, without a password, in PEM ({why})"
        ) from None
    return cert, key or cert


def _of_seed_data(fault: SpecError, file: Path | None) -> SpecError:
    """A fault that only serving shows, with the file that it stands in."""
    from streamproof.specs.errors import SpecError

    prefix = "fixtures of "
    if file is None or not fault.file.startswith(prefix):
        return fault
    return SpecError(f"{file}: {fault.file.removeprefix(prefix)}", fault.entry, fault.fault)


def _list_faults(apis: tuple[str, ...]) -> None:
    from streamproof.mockserver.domain import faults
    from streamproof.mockserver.operational import described

    click.echo("\n".join(described()))
    for fault in (fault for name in apis for fault in faults(name)):
        click.echo(f"{fault.name}\n    {fault.says}")


def _banner(config: MockConfig, url: str, loopback: bool) -> Iterator[str]:
    """What one needs to call the mock, the address first."""
    from streamproof.mockserver.domain import stateless
    from streamproof.served import Served
    from streamproof.specs import api as apis

    yield f"streamproof mock at {url} (Ctrl-C ends it)"
    for key in config.apis:
        api = apis.load(key)
        served = Served.at(url, api, config.seeded(key))
        facts = {
            "base URL": " or ".join(served.urls),
            **served.credentials,
            **{key: _short(value) for key, value in _held(served.fixtures).items()},
        }
        if examples := stateless(key):
            facts["no state yet"] = f"{', '.join(examples)}: answered by examples"
        yield f"\n{api.name}: {api.title_en}"
        width = max(map(len, facts))
        yield from (f"  {key:<{width}}  {value}" for key, value in facts.items())
    for fault in config.found_faults():
        yield f"\nfault {fault.name}: {fault.says}"
    if config.database_url:
        from streamproof.mockserver.database import safe

        yield f"\nstate in {safe(config.database_url)}"
    rest = "rules, openapi, journal, faults, state, snapshots, clock, reset (docs/mock.md)"
    if config.control_token is not None:
        rest += "; for those who send the control token"
    elif not loopback:
        rest = "the rest on loopback only, or with --control-token"
    yield (
        f"\n{url}/_mock/ is a page, and has health, {rest}"
        "\nA rejected call names its rule in the header Streamproof-Rule."
        "\nPut /_space/<name> before any path for a state of its own."
    )


def _held(fixtures: Mapping[str, Any]) -> dict[str, Any]:
    """The fixtures that are there to be called with; an empty list says nothing."""
    return {k: v for k, v in fixtures.items() if k != "credentials" and v not in ([], {})}


def _short(value: object) -> str:
    """A fixture on one line: the ids of what it holds."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        more = len(value) - _SHOWN
        ids = ", ".join(_id(member) for member in value[:_SHOWN])
        return f"{ids} … and {more:,} more" if more > 0 else ids
    if isinstance(value, Mapping):
        return ", ".join(
            _short(member) if isinstance(member, Mapping) else f"{key}: {member}"
            for key, member in value.items()
        )
    return str(value)


def _id(member: object) -> str:
    if isinstance(member, Mapping):
        return next((str(v) for k, v in member.items() if k.endswith("id")), "…")
    return str(member)
