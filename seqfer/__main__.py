"""`python -m seqfer` is the `seqfer` command."""

import sys

from seqfer.cli import main

sys.exit(main())
