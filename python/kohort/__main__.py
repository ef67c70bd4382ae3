"""``python -m kohort`` is the command ``kohort``."""

import sys

from kohort.cli import main

sys.exit(main())
