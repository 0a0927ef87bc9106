"""Looking at how a network learns: what each quantity of backpropagation is, and whether it is right."""
