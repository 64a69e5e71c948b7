"""The write side: commands, decisions, the ledger and what carries its log to the topics."""
