"""Failures on demand: what an order can be made to meet, by name, the same every time."""
