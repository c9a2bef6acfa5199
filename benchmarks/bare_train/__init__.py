"""The floor of the training overhead: the same library work without Headgate."""
