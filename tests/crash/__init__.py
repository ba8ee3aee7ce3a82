"""Ends the program at every moment that counts, and holds what a mail server took against what the ledger believes."""
