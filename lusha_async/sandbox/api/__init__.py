"""The vendor's API as described: routes, bodies, queries, answers and errors."""
