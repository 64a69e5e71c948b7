"""The archive: every record of the ledger as columns in files that vouch for themselves."""
