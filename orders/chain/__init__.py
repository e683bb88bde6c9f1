"""The simulated chain: the protocol, transactions, and a ledger that lands a signature once."""
