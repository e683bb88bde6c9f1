"""Scenarios: named failures that an order meets on demand, the same way every time."""
