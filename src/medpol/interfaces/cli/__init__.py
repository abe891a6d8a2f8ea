"""The command line: parse arguments, ask the library, print. Nothing else.

Commands import what they need when they run, so that `medpol --help` is quick.
Exit status: 0 done, 1 findings or failed cases, 2 bad input.
"""

from medpol.interfaces.cli.app import app, main

__all__ = ["app", "main"]
