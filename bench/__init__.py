"""`make bench`: what this machine does with the engine, beside what it could do without it."""
