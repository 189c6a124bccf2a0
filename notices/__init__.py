"""What people are told: on the site, by mail, or not at all, as each of them chose."""
