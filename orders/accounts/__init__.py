"""Accounts: sign-up, log-in, bearer tokens."""
