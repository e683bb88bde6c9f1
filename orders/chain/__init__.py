"""The chain: its protocol, transactions, and a simulated chain with a ledger."""
