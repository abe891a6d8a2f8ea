"""Makes what the rooms' tests share importable: `from strategies import criteria`."""
