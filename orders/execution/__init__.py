"""What happens to an order: submission, one attempt, triggers, recovery."""
