"""How jobs and models look in a notebook: cards of HTML, curves of SVG, and both while they train.

Everything is text that carries all it needs. Its colours are those of the page around it, so that
it looks right on light and on dark; only the curves bring their own, which do on both.
"""
