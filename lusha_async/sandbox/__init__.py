"""The vendor's API on your own machine: its limits, its bill and its bad days.

`serve` puts it on a port, `transport` into the client without sockets, `spawn` into a process of its own.
Only synthetic people and companies; nothing leaves the machine.
"""

from .app import Sandbox
from .clock import Clock
from .faults.rules import Fault
from .population.demo_ids import company_ids, contact_ids
from .serve.server import Server, Spawned, serve, serve_in_thread, spawn
from .serve.transport import SandboxTransport, transport
from .settings import ACCOUNT_KEY, DEMO_KEY, INACTIVE_KEY, WRONG_KEY, Settings

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
