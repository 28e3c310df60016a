"""`tertulia refresh`: bring the index up to date with the sources."""
