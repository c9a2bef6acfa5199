"""`python -m headgate`: everything about models that is no flow."""

import typer

from headgate.commands.accept import accept
from headgate.commands.comment import comment
from headgate.commands.compare import compare
from headgate.commands.due import due
from headgate.commands.export import export
from headgate.commands.forget import forget
from headgate.commands.import_ import import_
from headgate.commands.new import new
from headgate.commands.package import package, unpack
from headgate.commands.plan import plan
from headgate.commands.promote import promote
from headgate.commands.prune import prune
from headgate.commands.prove import prove
from headgate.commands.release import release, waiting
from headgate.commands.reproduce import reproduce
from headgate.commands.rollback import rollback
from headgate.commands.show import show
from headgate.commands.spec import spec
from headgate.commands.state import state
from headgate.commands.why import why

app = typer.Typer(name="python -m headgate", no_args_is_help=True, add_completion=False, rich_markup_mode="markdown",
                  pretty_exceptions_enable=False,
                  help="Look at registered models, promote and roll back, and carry versions between registries.\n\n"
                       "Training and validation are flows: `python -m flows.train --help`.")
for name, command in (("new", new), ("spec", spec), ("show", show), ("why", why), ("promote", promote),
                      ("rollback", rollback), ("export", export), ("import", import_), ("reproduce", reproduce),
                      ("prune", prune), ("forget", forget), ("plan", plan),
                      ("compare", compare), ("accept", accept), ("comment", comment),
                      ("waiting", waiting), ("package", package), ("unpack", unpack), ("prove", prove),
                      ("release", release), ("due", due)):
    app.command(name)(command)
app.add_typer(state, name="state")


def main():
    """Run the command line."""
    app(prog_name="python -m headgate")
