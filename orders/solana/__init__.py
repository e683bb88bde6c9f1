"""Solana for bots: transactions that wallets sign, accounts, and what a node says of them.

Jupiter's API and JSON-RPC, in the folders, are what clients see of it.
"""
