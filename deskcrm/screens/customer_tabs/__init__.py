"""The ten tabs of the customer screen, a widget each; every one but the first is made when it is
first opened and fetches its own view."""
