"""Files by rsync over SSH: a server that takes one kind of command, and runs the real rsync."""
