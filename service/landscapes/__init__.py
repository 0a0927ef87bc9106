"""Loss landscapes: the loss on a plane through a model's parameters."""
