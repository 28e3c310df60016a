"""Turns what people rated and corrected into something better, and lets nothing else go live."""
