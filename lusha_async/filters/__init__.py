"""Filters checked against the values that the vendor lists: an unknown value silently matches nothing.

`members` maps each member of a filter to its list, `cache` fetches the lists, `walk` splits filters into values,
`rules` check one value against one list, `nearest` finds suggestions, and `check` combines them into a `report`.
"""
