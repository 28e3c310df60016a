"""Bot talks: commands, platforms, and the wiring of everything below."""
