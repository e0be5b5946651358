"""What developers run by hand and in CI."""
