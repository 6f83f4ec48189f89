# SPDX-License-Identifier: Apache-2.0
"""What stands at a field that does not fit: a sentence and an example of what is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vigie.flow.notices.form import MAX_EXPLANATION, MAX_LOCATIONS, MAX_NAME

if TYPE_CHECKING:
    from vigie.core.errors import VigieError

FIELDS = {"locations": "location", "hashes": "hash"}
"""Names of fields where the form's differ from the verb's."""


def words(error: VigieError) -> str:
    """Return an error of the verbs in the language of the page."""
    known = {
        "no_category": _("Choose what it is about."),
        "no_location": _("Give at least one address, such as https://example.org/p/123."),
        "no_address": _("One of these is no address. It looks like https://example.org/p/123."),
        "too_many": _("At most %(most)s addresses in one notice. Send the others in a second one.")
        % {"most": MAX_LOCATIONS},
        "text_too_long": _("This is too long: at most %(most)s characters.")
        % {"most": MAX_NAME if error.field == "name" else f"{MAX_EXPLANATION:,}"},
        "bad_address": _("This is no mail address. It looks like name@example.org."),
        "no_good_faith": _("Tick this: the law asks for it."),
        "not_terms": _("This is a matter of law, not of the terms alone."),
        "too_many_pictures": _(
            "At most 20 pictures in one notice. Send the others in a second one."
        ),
        "low_quality": _(
            "This picture has too little in it to be told from others. "
            "Give the address of the page: that is enough."
        ),
        "bad_hash": _(
            "A fingerprint could not be read. Choose the picture again, or leave it out."
        ),
        "suspended": _("After a warning, your notices are not processed for a while."),
    }
    return known.get(error.code, error.message)


def field_of(error: VigieError) -> str:
    """Return the field of the form at which an error stands."""
    name = error.field or ""
    return FIELDS.get(name, name)
