"""What differs between two archives, member by member."""
