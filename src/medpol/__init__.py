"""Medical policies as software: read them, run them, check them."""

__all__ = ["__version__"]

__version__ = "0.1.0"
