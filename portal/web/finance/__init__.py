"""Finance's desk: lists and files, invoices, payments, the ledger."""
