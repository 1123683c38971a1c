"""`serve` and `keys`: the library for a browser and for other programs, and who may ask it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.output import note, say
from sensorium.cli.session import LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.errors import ExtraMissing

if TYPE_CHECKING:
    from sensorium.server.access.keys import KeyRing, Role

NEEDED = "install the extra: pip install 'sensorium[serve]'"


def serve(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="The library's folder.", show_default=False)] = None,
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; others than loopback need a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 takes one that is free.")] = 8765,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A further name that the server goes by; may be repeated."),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    log: Annotated[
        bool, typer.Option("--log/--no-log", help="Write a line of JSON for each request, on stderr.")
    ] = True,
    oidc: Annotated[
        Path | None,
        typer.Option("--oidc", metavar="FILE", help="Take tokens of the issuer that this TOML file names."),
    ] = None,
    traces: Annotated[
        str, typer.Option("--traces", metavar="URL", help="Send OpenTelemetry traces there, by OTLP over HTTP.")
    ] = "",
    library: LibraryOption = None,
) -> None:
    """Serve the library to browsers and programs, until it is stopped by Ctrl-C."""
    try:
        from sensorium.server.running import Serving
    except ImportError as error:
        raise ExtraMissing(f"{error.name} is not installed", subject="serve", remedy=NEEDED) from None
    from sensorium.server.access.oidc import read_oidc
    from sensorium.server.options import ServeOptions

    issuer = None if oidc is None else read_oidc(oidc)
    options = ServeOptions(host=host, port=port, names=tuple(names or ()), oidc=issuer, traces=traces)
    with opened(context, path or library, create=True) as opened_library:
        serving = Serving(opened_library, options, log=log)
        with serving.listening() as address:
            say(f"serving {opened_library.path} at {address}")
            sys.stdout.flush()  # whoever reads it through a pipe waits for the address
            note("Ctrl-C ends it")
            if open_page:
                import webbrowser

                webbrowser.open(address)
            serving.run()


def stats(
    address: Annotated[str, typer.Argument(metavar="URL", help="Where the server is.")] = "http://127.0.0.1:8765",
    key: Annotated[
        str | None,
        typer.Option("--key", envvar="SENSORIUM_KEY", help="A key of the role admin.", show_default=False),
    ] = None,
) -> None:
    """Show the figures of a server that runs."""
    from sensorium.client import connect
    from sensorium.present.figures import read_figures, read_gauges, rows_of

    with connect(address, key=key) as remote:
        text = remote.metrics()
    say_rows(rows_of(read_figures(text)), heads=("what", "how many", "mean", "95 % within"))
    if gauges := read_gauges(text):
        say("")
        say_rows(gauges)


keys = typer.Typer(no_args_is_help=True, help="Who may ask the server: keys, each with a role.", rich_markup_mode=None)


@keys.command("add")
def add_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    role: Annotated[str, typer.Option("--role", metavar="reader|contributor|curator|admin")] = "reader",
    tenant: Annotated[str, typer.Option("--tenant", help="Whose things it sees and adds.")] = "local",
    principals: Annotated[
        list[str] | None,
        typer.Option(
            "--principal", metavar="NAME", help="A name that it goes by; may be repeated. By default the owner."
        ),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Make a key and show it: this once, since only its hash is kept."""
    with opened(context, library, create=True) as opened_library:
        ring = _ring(opened_library.path)
        say(ring.add(name, _role(role), tenant=tenant, principals=tuple(principals or ())))
    note("keep it: it can not be shown again")


@keys.command("list")
def list_keys(context: typer.Context, library: LibraryOption = None) -> None:
    """Say which keys there are."""
    with opened(context, library) as opened_library:
        kept = _ring(opened_library.path).keys()
    say_rows([(key.name, str(key.role), key.tenant, ", ".join(key.principals), key.id) for key in kept])
    if not kept:
        note("there are no keys: on this machine everybody is the owner")


@keys.command("remove")
def remove_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The key's name or id.")],
    library: LibraryOption = None,
) -> None:
    """Take a key back, at once."""
    with opened(context, library) as opened_library:
        say(f"removed {_ring(opened_library.path).remove(name).name}")


def _ring(folder: Path) -> KeyRing:
    try:
        from sensorium.server.access.keys import KeyRing
    except ImportError as error:
        raise ExtraMissing(f"{error.name} is not installed", subject="keys", remedy=NEEDED) from None
    return KeyRing(folder)


def _role(name: str) -> Role:
    from sensorium.core.errors import BadInput
    from sensorium.server.access.keys import Role

    try:
        return Role(name)
    except ValueError:
        raise BadInput("there is no such role", subject=name, remedy=f"give one of {', '.join(Role)}") from None
