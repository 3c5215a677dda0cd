"""A fit from end to end: waves of runs, a posterior, weights from real runs; kept run by run, so that it can go on."""
