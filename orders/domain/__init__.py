"""What an order is: statuses, events, errors, ids, time. Imports nothing else of this project."""
