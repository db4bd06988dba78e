"""The words by which a draft of resources.yaml knows an argument or a field, in snake case."""

from __future__ import annotations

from typing import Final


def _all(text: str) -> tuple[str, ...]:
    return tuple(text.split())


IDS: Final = _all("id uuid guid gid sid uid")
ROWS: Final = _all(
    "data items results rows records entries list content values objects elements value resources"
)
MOMENTS: Final = _all(
    "time timestamp instant at recorded_at measured_at observed_at occurred_at event_time "
    "sampled_at ts datetime date_time when"
)
MADE: Final = frozenset(_all("created registered inserted added made creation create"))
CHANGED: Final = frozenset(_all("updated modified changed edited update modification"))
RECORDS: Final = frozenset(
    _all(
        "event log reading measurement record entry sample metric history audit observation "
        "datapoint message transaction"
    )
)

# arguments of a list
LIMITS: Final = _all(
    "limit per_page page_size results_per_page num_per_page max_results max_page_size maxresults "
    "pagesize perpage page_limit size top first rows count take"
)
OFFSETS: Final = _all("offset skip start_at start_index first_result page_offset startat start")
NUMBERS: Final = _all(
    "page page_number page_no page_num page_index current_page pageno pagenum pageindex current p"
)
CURSORS: Final = _all(
    "cursor next_cursor start_cursor page_cursor page_token pagetoken next_token next_page_token "
    "continuation_token continue marker next_marker bookmark scroll_id after page_after offset page"
)
LAST_KEYS: Final = _all("starting_after ending_before after_id")
NEWEST: Final = _all("last latest newest recent most_recent tail")
ORDERS: Final = _all("order direction sort_direction sort_order order_direction dir")
SORTS: Final = _all("sort sort_by order_by sort_field orderby sortby")
STARTS: Final = frozenset(_all("since start from begin after min gte gt earliest oldest lower"))
ENDS: Final = frozenset(_all("until end to before max lte lt latest upper stop till"))
TIMES: Final = frozenset(_all("time date timestamp datetime ts at range"))

# what an answer leads on by
NEXTS: Final = _all(
    "next_cursor next_page_token next_token next_marker end_cursor continuation_token continue "
    "nextpagetoken next_page next_offset next after cursor offset bookmark scroll_id page_token"
)
AMBIGUOUS_NEXTS: Final = _all("after cursor offset page_token")  # alone, what was sent
NEXT_HEADERS: Final = _all("next_cursor next_page next_token next_marker continuation")

# fields of a body
FREE: Final = frozenset(
    _all(
        "name title label description comment comments note notes remark summary subject "
        "nickname display_name details memo text caption"
    )
)
NO_WORDS: Final = frozenset(
    _all(
        "id ids uuid sid gid url uri email phone currency country color colour locale language "
        "timezone tz date hash token password secret address code ref path"
    )
)
