"""``python -m sartor.cli`` does what ``sartor`` does."""

import sys

from sartor.cli import main

sys.exit(main())
