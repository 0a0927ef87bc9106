"""HTTP: what every request passes and every response follows, whatever it is about."""
