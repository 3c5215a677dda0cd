"""Real data as the panel knows it: NHS records counted by place, month and deprivation, people and events apart."""
