"""Makes a bill of materials of an archive from the manifests in it, in one reading of it.

The same archive and the same facts about its release give the same bytes. What is not known is left
out, and said; nothing is guessed.
"""
