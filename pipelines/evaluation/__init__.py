"""Questions with known answers in, figures with intervals out.

A set of `Case`s (the team's own table, a public set, an invented company) is asked of the same
assistant as everybody's questions; each gives a `Result`, all together `Figure`s. Everything is
judged by rules, never by a language model: the same answers always get the same figures.
"""
