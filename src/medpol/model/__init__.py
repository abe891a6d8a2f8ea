"""Policies, facts, requests and determinations as frozen data. Imports nothing but `problems`."""
