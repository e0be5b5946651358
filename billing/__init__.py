"""What an organization may do with its plan and its money, and who does it: one function a verb, one transaction each."""
