"""The sandbox's account: its state, bill, tables, jobs and sessions."""
