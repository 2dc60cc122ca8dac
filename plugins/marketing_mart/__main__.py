"""`python -m marketing_mart <command>`."""

import sys

from marketing_mart.cli import main

sys.exit(main())
