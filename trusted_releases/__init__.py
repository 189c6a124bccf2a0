VERSION = "0.1.0"  # of the platform, and of the checker that is installed by itself
