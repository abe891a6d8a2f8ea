"""Files → model, or every problem with its line; and the writer back."""

from medpol.loading.criteria import parse_criterion
from medpol.loading.library import load_library
from medpol.loading.requests import read_request, request_from

__all__ = ["load_library", "parse_criterion", "read_request", "request_from"]
