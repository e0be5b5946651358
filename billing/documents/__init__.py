"""Invoices and credit notes as PDF: made of a snapshot alone, the same bytes each time. No database, no clock."""
