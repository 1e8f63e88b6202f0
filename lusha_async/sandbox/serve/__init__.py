"""The sandbox on a port, in a process, or as a transport."""
