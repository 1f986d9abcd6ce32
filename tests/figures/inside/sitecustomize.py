"""Python runs this at the start of each process of a server that a figure is taken of.

WITHOUT names a defence of `tests.figures.without` that is taken away; TRACE a folder for what goes to the disk.
"""

import os

from tests.figures.trace import trace
from tests.figures.without import DEFENCES

if os.environ.get("WITHOUT"):
    DEFENCES[os.environ["WITHOUT"]]()
if os.environ.get("TRACE"):
    trace(os.environ["TRACE"])
