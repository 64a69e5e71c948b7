"""The second engine: the definitions of events.md 2-3 and domain.md 7.3 once more, as SQL.

It shares no code with the fold. It reads the relation `facts` (ops/archive/columns.py) and counts
set by set: the facts of every obligation get a rank, and one statement a rank moves all obligations
on together. Only the tree of a day comes from outside, as the table `paths` of schemas.tree.
"""
