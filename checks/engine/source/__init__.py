"""Where a release was made from: a commit of a repository, as a list of its files and their ids.

`fetch` gets a commit from a repository nobody trusts, `taking` lists what is in it, `local` does
so for a folder on this machine, and `compare` holds an archive against that list. Nothing is ever
checked out, no hook runs, and no submodule is followed.
"""
