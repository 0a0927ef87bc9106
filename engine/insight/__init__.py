"""Looking at how a network learns: every quantity of backpropagation, and whether it is right."""
