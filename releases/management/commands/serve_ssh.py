"""`manage.py serve_ssh`: takes and gives the files of releases by rsync."""

import asyncio
import logging
import shutil
import signal
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from releases.ssh.hostkey import host_key
from releases.ssh.server import Service


class Command(BaseCommand):
    help = "Serve rsync over SSH until Ctrl-C. Uploads that run are finished first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.SSH_BIND)
        parser.add_argument("--port", type=int, default=settings.SSH_PORT, help="0: any free one")
        parser.add_argument("--grace", type=int, default=300, help="seconds for uploads that run")

    def handle(self, *args: Any, host: str, port: int, grace: int, **options: Any) -> None:
        logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of each packet's kind
        asyncio.run(self._serve(host, port, grace))

    async def _serve(self, host: str, port: int, grace: int) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        if shutil.which(settings.RSYNC) is None:
            raise CommandError(
                f"There is no {settings.RSYNC} here. Install it: apt-get install rsync"
            )
        service, key = Service(), host_key()
        try:
            server = await service.listen(host, port, key)
        except OSError as error:
            raise CommandError(f"Nobody can listen on port {port} of {host}: {error}") from error
        self.stdout.write(
            f"rsync over SSH on {host} port {server.get_port()}, "
            f"host key {key.get_fingerprint('sha256')}"
        )
        self.stdout.flush()
        await stopping.wait()
        server.close()
        if service.running:
            self.stdout.write(f"Stopping; {len(service.running)} transfers finish first.")
            self.stdout.flush()
            await asyncio.wait(service.running, timeout=grace)
