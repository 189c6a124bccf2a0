"""The pages about credentials, by kind."""
