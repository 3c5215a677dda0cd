"""The same work written for each library: queues (queue_*) and a resident's month (month_*)."""
