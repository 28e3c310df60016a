"""Runs Tertulia's servers: in containers for users, without them for development and tests."""
