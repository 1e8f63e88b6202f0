"""The vendor's API on your own machine: its limits, its bill and its bad days.

`serve` puts it on a port, `transport` into the client without sockets, `spawn` into a process of its own.
Only synthetic people and companies; nothing leaves the machine.
"""

from .clock import Clock
from .core import Sandbox
from .faults import Fault
from .ids_for_demos import company_ids, contact_ids
from .server import Server, Spawned, serve, serve_in_thread, spawn
from .settings import ACCOUNT_KEY, DEMO_KEY, INACTIVE_KEY, WRONG_KEY, Settings
from .transport import SandboxTransport, transport

__all__ = [
    "serve",
    "serve_in_thread",
    "spawn",
    "transport",
    "Server",
    "Spawned",
    "SandboxTransport",
    "Sandbox",
    "Settings",
    "Clock",
    "Fault",
    "DEMO_KEY",
    "ACCOUNT_KEY",
    "INACTIVE_KEY",
    "WRONG_KEY",
    "contact_ids",
    "company_ids",
]
