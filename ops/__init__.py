"""The wiring: command line, Kafka clients, HTTP, metrics, boards; nobody imports it."""
