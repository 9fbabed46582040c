"""`python -m maskloom_training.convert` is maskloom-convert."""

import sys

from .cli import main

sys.exit(main())
