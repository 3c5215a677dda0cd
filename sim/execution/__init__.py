"""How an experiment is carried out: draws, the table of tasks, who runs them, and what is kept when something fails."""
