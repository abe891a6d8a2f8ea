"""One file per leaf: what it needs, what it observes, when it holds, and how a batch sees it."""
