"""How gunicorn serves the product, everywhere: `make run`, systemd, the container.

Threads, because an upload holds one for as long as the sender's line is slow; one process already
streams many of them. GUNICORN_CMD_ARGS adds or overrides.
"""

import os

wsgi_app = "trusted_releases.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 120  # seconds without a sign of life from a process; a slow upload is no such thing
graceful_timeout = 30  # seconds for requests that run when the server is told to stop
keepalive = 5  # seconds
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - gunicorn's heartbeat
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
proc_name = "trusted-releases-web"
