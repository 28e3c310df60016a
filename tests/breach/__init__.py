"""A model that obeys everything it reads: what it achieves must be nothing."""
