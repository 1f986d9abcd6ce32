"""Questions that may be wrong: an educator holds one, and another day says how that ends."""

RIGHT, OUT = "right", "left out"
ENDINGS = {
    RIGHT: "It was right. Results that wait go out as they are.",
    OUT: "Leave it out. Results that wait are scored without it, and it stays out of papers until its text changes.",
}
"""How a hold ends. A result that was released stays as it is, whichever it is."""
LONGEST_REASON = 500
