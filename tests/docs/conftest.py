"""Makes the reader of fences importable: with ``--import-mode=importlib`` tests have no package of their own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
