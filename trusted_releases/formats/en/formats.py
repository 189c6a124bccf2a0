"""How moments are written where nothing else is said, which is in the console: with their zone.

Django reads this module by its name; settings of the same names it would not read for English.
"""

DATETIME_FORMAT = "j M Y, H:i e"
DATE_FORMAT = "j M Y"
