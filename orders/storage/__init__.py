"""PostgreSQL: the schema, the journal, and the only code that changes an order's status."""
