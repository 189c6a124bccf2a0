"""Files from elsewhere: fetched by a worker, within limits, from hosts that are listed."""
