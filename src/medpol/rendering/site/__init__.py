"""A library as pages that link to one another by relative addresses: what stands on each, as data and as HTML."""

from medpol.rendering.site.addresses import code_path, policy_path, version_path
from medpol.rendering.site.codes import Asked, Period, Said, code_data, codes_data
from medpol.rendering.site.documents import changes_data, version_data
from medpol.rendering.site.pages import Page, Writer, as_json
from medpol.rendering.site.policies import home_data, policy_data
from medpol.rendering.site.search import Place, search_index

__all__ = [
    "Asked",
    "Page",
    "Period",
    "Place",
    "Said",
    "Writer",
    "as_json",
    "changes_data",
    "code_data",
    "code_path",
    "codes_data",
    "home_data",
    "policy_data",
    "policy_path",
    "search_index",
    "version_data",
    "version_path",
]
