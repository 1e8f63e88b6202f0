"""Money: what calls may cost (prices, costs), what they did cost (ledger), and what they must not (budget)."""

from .budget import CreditBudget
from .costs import Cost
from .ledger import Ledger, Spent
from .prices import Price, PriceList

__all__ = ["Cost", "CreditBudget", "Ledger", "Price", "PriceList", "Spent"]
