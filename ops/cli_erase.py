"""The command `record erase`: the texts of an obligation shall be read by nobody again."""

from __future__ import annotations

import click

from ops import wiring
from ops.cli import Context
from ops.i18n import word
from ops.keys import key_store
from ops.settings import BrokenEnvironment
from schemas.event import Document
from services.erasing import EraseTexts
from services.owed import owed_of


@click.command("erase")
@click.argument("obligation")
@click.option("--document", required=True, help="Number of the document that orders it.")
@click.option("--as", "by", help="The acting unit; default: the obligation's issuer.")
@click.pass_obj
def erase(context: Context, obligation: str, document: str, by: str | None) -> int:
    """Delete the keys of OBLIGATION's free texts for ever; no figure and no hash changes.

    What was recorded stays as it is, encrypted: in the ledger, on the topics, in the archive. Texts
    that were recorded while erasure was off are not encrypted and cannot be erased.
    """
    settings = context.settings
    with key_store(settings) as keys, wiring.ledger(settings, create=False) as ledger:
        if keys is None:
            raise BrokenEnvironment(
                "No text is encrypted here, so none can be erased; set LIENTHONG_ERASURE to on "
                "for what is recorded from now on."
            )
        key_ids = tuple(keys.ids(obligation))
        if key_ids:
            opening = owed_of(ledger.history(obligation)).opening
            acting = by or (None if opening is None else opening.issuer) or wiring.root_of(ledger)
            # The log says so first: a key that is gone while nobody was told could be a loss.
            ledger.execute(
                EraseTexts(
                    by=acting or "",
                    obligation=obligation,
                    document=Document(number=document),
                    key_ids=key_ids,
                )
            )
            keys.delete(key_ids)
    said = "erase.done" if key_ids else "erase.nothing"
    click.echo(word(said, context.language).format(obligation=obligation, count=len(key_ids)))
    return 0
