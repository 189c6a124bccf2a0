"""The S3 protocol on loopback: moto's server, in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "blobs-of-tests"


@dataclass(frozen=True)
class Bucket:
    """An empty bucket, and how to reach it."""

    name: str
    endpoint: str
    client: Any  # boto3 makes its clients' classes at run time

    def keys(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return [entry["Key"] for entry in found]

    def storage(self) -> dict[str, Any]:
        """The entry of STORAGES that stores here."""
        options = {"bucket_name": self.name, "endpoint_url": self.endpoint, "location": "blobs"}
        keys = {"access_key": "test", "secret_key": "test", "region_name": "us-east-1"}
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": options
            | keys
            | {"file_overwrite": True, "querystring_auth": True}
            | {"max_memory_size": 1 << 20},
        }

    def environment(self) -> dict[str, str]:
        """The variables that make a child process of ours store here."""
        return {
            "BLOB_STORE": "s3",
            "S3_BUCKET": self.name,
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_ACCESS_KEY": "test",
            "S3_SECRET_KEY": "test",
            "S3_REGION": "us-east-1",
        }

    def clear(self) -> None:
        for key in self.keys():
            self.client.delete_object(Bucket=self.name, Key=key)


@contextmanager
def serving() -> Iterator[Bucket]:
    """A server on a free port with one bucket, to the end of the block."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_bucket(Bucket=BUCKET)
        yield Bucket(BUCKET, endpoint, client)
    finally:
        server.stop()
