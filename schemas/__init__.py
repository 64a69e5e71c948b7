"""The contract: what is said between the rooms and with the world outside."""
