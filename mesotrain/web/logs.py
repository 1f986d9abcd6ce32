"""A line of JSON for each request: which endpoint, how it went, how long it took; never what anybody wrote."""

import json
import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger("mesotrain.requests")


def init(app: Flask) -> None:
    logging.getLogger("mesotrain").setLevel(app.config["LOG_LEVEL"])
    if log.isEnabledFor(logging.INFO):
        logging.basicConfig(format="%(message)s")
        app.before_request(_begin)
        app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    took = round((time.perf_counter() - g.began) * 1000, 1)
    line = {"endpoint": request.endpoint, "method": request.method, "status": response.status_code, "ms": took}
    log.info(json.dumps(line))
    return response
