"""`make services`: Elasticsearch and Ollama on loopback, for development and tests.

For each it takes, in this order: a server that already answers, a Docker engine, and at last the
program itself, run without root and with its data in a folder that is thrown away.
"""
