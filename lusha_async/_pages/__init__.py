"""Page streams: the rows of a query with many pages."""
