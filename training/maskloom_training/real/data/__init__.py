"""Real data sets, read where they are: the folder layouts that @maskloom/data reads."""
