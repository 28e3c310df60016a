"""Example knowledge: a handbook to try Tertulia with, and a generator for companies of any size."""
