"""Accounts: sign-up, log-in, sessions and their bearer tokens, and their paper money."""
