"""Who gains and who bears the opportunity cost: distributional cost-effectiveness, Green Book weights, gaps."""
