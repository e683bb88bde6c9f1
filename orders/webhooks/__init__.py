"""Webhooks: every event of an account's orders is posted, signed, to the addresses it names."""
