"""Information sharing: a plan changes an action only if it exists, is opened and is acted on."""

from __future__ import annotations

from scenarios.schema.block import Amount, Block, Effect, Share


class SharedRecords(Block):
    """One record and care plan that every tier can open."""

    reach_share: Share = 0.0  # of residents with a record or plan that others can open
    opened_share: Share = 0.3  # of contacts at which it is opened, where it exists
    acted_share: Share = 0.5  # of those at which it changes what is done
    effect: Effect = 1.0


class InformationSharing(Block):
    """What is shared, at whose consent, and what it costs in time."""

    shared_records: SharedRecords
    consent_share: Share = 0.93  # of residents whose consent is on record
    learning_months: Amount = 6.0  # for which contacts of those who are new to it take longer
