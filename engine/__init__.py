"""The mathematics of Trainyard: networks, their training, and everything they show."""
