"""Turns what people rated and corrected into something better, and lets nothing else go live.

The libraries that tune models are the extra `learn`. They are imported inside functions only, and
only in processes that tune: nobody who asks or serves needs them.
"""
