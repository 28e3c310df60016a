"""Models on an Ollama server: chat and embeddings over Ollama's own protocol."""
