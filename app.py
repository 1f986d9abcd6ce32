"""The WSGI entry: any WSGI server can serve ``app:app``."""

from mesotrain.web import create_app

app = create_app()
