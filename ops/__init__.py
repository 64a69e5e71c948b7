"""The wiring: command line, Kafka clients, HTTP, metrics, boards; nobody imports it."""

VERSION = "0.1.0"
"""The version that pyproject.toml states; a house test compares."""
