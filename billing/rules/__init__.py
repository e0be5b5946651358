"""The rules of money: pure and exact, without a clock, without a database. Whoever writes asks them."""
