"""Laws: properties that many APIs promise, each written once over small callables.

An API's `checks.py` binds a law to its calls. A law states its property in its docstring and
names the witnesses without which holding it means nothing.
"""
