"""PostgreSQL: the schema, the journal, and the one door to an order's status."""
