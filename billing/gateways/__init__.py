"""How money moves: one protocol for all gateways. What is owed and what is paid our ledger says, not they."""
