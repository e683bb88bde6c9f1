"""The simulated market: tokens, prices, pools, venues, routing. Knows no database and no orders."""
