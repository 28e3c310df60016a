"""The parts of an invented company: words, values, pages, questions."""
