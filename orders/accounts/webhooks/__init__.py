"""Webhooks: every event of an account's orders is posted, signed, to the account's own URLs."""
