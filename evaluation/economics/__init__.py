"""Health economics on tables: discounting, prices, costs in whole pence, QALYs, decision rules and budget impact."""
