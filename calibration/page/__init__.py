"""The page of a fit: figures, sentences and tables made from the tables that the fit has left."""
