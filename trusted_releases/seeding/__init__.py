"""Data of the size of a whole foundation, made up: `manage.py seed`.

Rows are what the verbs would have left behind: manifests carry their digests, votes are counted by
`releases.tally`, every act has its event, every event its place in the sealed log.

What is not real: the bytes of files. Blobs have the digests of a line of text that is made up for
each; those of unfinished releases lie in the store with just that line, so that the pages which
read them work; those of released ones are rows only, with sizes as archives have them. Signatures
are no signatures. Keys are real OpenPGP certificates whose private halves nobody kept.
"""
