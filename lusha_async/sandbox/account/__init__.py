"""The sandbox's account: its state, billing, reveals, tables, jobs and sessions."""
