"""medpol demo"""

import typer


def demo() -> None:
    """placeholder until the demonstration is written"""
    typer.echo("")
