"""Solana's transactions and accounts: building them, reading them, and what a node says of them."""
