"""The wiring: settings in; index, retriever and assistant out. The one file that knows everyone."""
