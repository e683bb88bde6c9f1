"""The simulated market: tokens, prices, pools, venues, routing. Has no database and no orders."""
