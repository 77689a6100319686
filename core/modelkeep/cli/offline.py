"""`modelkeep offline`: the switch that lets nothing leave this machine."""

from __future__ import annotations

import click

from modelkeep.cli.output import on_terminal, print_json, print_plain, say, tell
from modelkeep.cli.session import Session, common_options, pass_session

__all__ = ["offline"]


@click.command("offline")
@click.argument("state", type=click.Choice(["on", "off"]), required=False, metavar="[on|off]")
@common_options
@pass_session
def offline(session: Session, state: str | None) -> None:
    """Turn the offline switch on or off, or tell how it is.

    While it is on, no hub is asked for anything; the window has the same switch. HF_HUB_OFFLINE=1,
    TRANSFORMERS_OFFLINE=1 and MODELKEEP_OFFLINE=1 do the same, whatever the switch says. In a pipe there is one line,
    with a tab between: on or off, why.
    """
    with session.library() as library:
        reason = library.hubs.offline() if state is None else library.hubs.set_offline(state == "on")
    if session.json:
        print_json({"offline": bool(reason), "reason": reason or None})
    elif on_terminal():
        offline = f"Offline: {reason}. No hub is asked, and no remote but folders."
        say(offline if reason else "Online: hubs and remotes are asked when you say so.")
    else:
        print_plain([("on" if reason else "off", reason)])
    if state == "off" and reason:
        tell(f"The switch is off now, but {reason}: unset it to reach hubs and remotes again.")
