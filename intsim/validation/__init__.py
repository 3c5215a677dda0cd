"""Would this pass for a real place? Experiments that would show the model to be a toy, and what each lever does."""
