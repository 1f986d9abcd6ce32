"""The WSGI entry: any WSGI server can serve ``app:app``."""

import sys

from mesotrain.core.errors import Expected
from mesotrain.web import create_app

try:
    app = create_app()
except Expected as error:
    sys.exit(str(error))
