"""Investment cases: a budget turned into designs before a run, and a run turned into a case after it."""
