"""Learns from what people approved: examples, the cheapest fix, and a tuned model only if better.

The libraries that tune models are the extra `learn`. They are imported inside functions only, and
only in processes that tune: nobody who asks or serves needs them.
"""
