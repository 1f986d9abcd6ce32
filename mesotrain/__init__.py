"""Mesotrain: teach, examine and certify the clinicians who practise mesotherapy.

Five layers; each imports only itself and what stands to its left (``tests/test_layers.py``)::

    core  <-  formats  <-  store  <-  actions  <-  web, cli

``core`` says what the rules are, ``formats`` turns text into core values and back, ``store`` remembers,
``actions`` are what a person can do, ``web`` and ``cli`` are how they ask. ``config`` holds the settings.
"""
