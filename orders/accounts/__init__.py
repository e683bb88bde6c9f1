"""Accounts: sign-up, log-in, bearer tokens, and their paper money."""
