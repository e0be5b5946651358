"""How an operation runs: GraphQL over HTTP, documents parsed and judged once, reads."""
