"""``python -m tests.hostile [NAME]…``: each hostile behaviour against both APIs, a row each."""

from __future__ import annotations

import sys

from tests.hostile.trials import main

sys.exit(main(sys.argv[1:]))
