"""What an organization may do with its plan and its money, and who does it: a function a verb, in a transaction."""
