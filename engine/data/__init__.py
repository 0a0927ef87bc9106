"""Data before they are a matrix: tables, tasks, columns, preprocessing, splits and folds."""
