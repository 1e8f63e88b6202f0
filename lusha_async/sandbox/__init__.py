"""A simulation of the vendor's API on this machine: rate limits, billing, faults, webhooks.

`serve` runs it on a port in the running loop, `serve_in_thread` in a thread, `spawn` in a process of its own;
`transport` connects a client without sockets. All people and companies are synthetic.
"""

from .app import Sandbox
from .clock import Clock
from .faults.rules import Fault
from .population.ids import company_ids, contact_ids
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
