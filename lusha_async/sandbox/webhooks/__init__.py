"""Webhooks: the account's subscriptions, and the delivery of events to their receivers."""
