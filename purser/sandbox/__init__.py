"""The sandbox: a gateway for cards that takes no money, a process of its own with a state of its own."""
