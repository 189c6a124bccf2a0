from keys.report import ImportReport, Outcome, Row

ROWS = (
    Row(1, Outcome.STORED, "aa", "Alice"),
    Row(9, Outcome.LINKED, "bb", "Bob"),
    Row(9, Outcome.STORED, "aa", "Alice"),
    Row(20, Outcome.REFUSED, text="It is cut."),
)


def test_the_summary_counts_by_outcome():
    assert ImportReport(ROWS).summary == "2 stored, 1 linked, 1 refused"


def test_each_key_is_named_once_in_the_order_of_the_document():
    assert ImportReport(ROWS).fingerprints(Outcome.LINKED, Outcome.STORED) == ["aa", "bb"]


def test_refusals_alone_change_nothing():
    assert ImportReport(ROWS).changed
    assert not ImportReport(ROWS[3:]).changed
    assert not ImportReport((Row(1, Outcome.UNCHANGED, "aa"),)).changed
