"""What the project claims about speed, each claim as a ratio to a peer in the same run."""
