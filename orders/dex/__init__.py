"""A simulated Solana market: tokens, two venues, a router and a chain. Knows nothing of orders."""
