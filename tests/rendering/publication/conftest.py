"""The bundled library and the document of its first policy, made once."""

import pytest

from medpol.library import PolicyLibrary
from medpol.library.publishing import publication
from medpol.rendering.publication import Document, Theme, load_theme


@pytest.fixture(scope="session")
def library() -> PolicyLibrary:
    return PolicyLibrary()


@pytest.fixture(scope="session")
def theme() -> Theme:
    return load_theme()


@pytest.fixture(scope="session")
def document(library: PolicyLibrary) -> Document:
    return publication(library, "07.01.89")
