"""Filters compared with the values that the vendor knows, before they silently find nobody.

`members` says which list each member of a filter is from, `discovery` fetches and keeps the lists, `rules` compares
one value with one list, `nearest` proposes what was meant, `checking` puts them together into a `report`.
"""
