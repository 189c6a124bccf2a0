"""Pages of lists that may be long."""

from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

COUNTED = 10_000  # rows; further than that nobody pages, and counting a million takes seconds


class CappedPaginator(Paginator):
    """Counts no farther than 10,000 rows; what lies beyond is found by search and filters."""

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, models.QuerySet):
            return len(self.object_list)
        return self.object_list.order_by()[:COUNTED].count()

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than the last page shows."""
        return self.count >= COUNTED
