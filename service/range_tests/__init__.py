"""Learning-rate range tests: their curve and what it suggests."""
