"""Money: prices and costs, budgets, the ledger, and paid answers that no caller received."""

from .budget import CreditBudget
from .costs import Cost
from .ledger import Ledger, Spent
from .prices import Price, PriceList

__all__ = ["Cost", "CreditBudget", "Ledger", "Price", "PriceList", "Spent"]
