"""State and targets -> plan; pure, one action a file: exports `ACTION`, and is found by listing the folder.

An action says which commands it takes and what shows that they worked. How a command is put together
is in `commands.py`, what a target's word means in `resolve.py`, what it hits in `blast.py`, what
a command's own words claim in `claims.py`. Nothing here runs anything.
"""
