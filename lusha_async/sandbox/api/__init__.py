"""The vendor's HTTP interface: routes, authentication, schemas, answers and errors."""
