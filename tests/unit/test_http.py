"""The HTTP interface, asked as a client would, over boards in memory."""

from __future__ import annotations

import pytest
from starlette.routing import Mount, Route

from ops.http_guard import LOOPBACK_HOSTS, SECURITY_HEADERS, hosts_for
from ops.http_openapi import openapi
from ops.http_service import Readiness
from tests.http_home import Home, valid


def test_a_board_tells_the_worked_example() -> None:
    answer = Home().ask("/api/units/66/board?on=2012-06-12T00:00:00%2B07:00")
    board = answer.json()
    counts = board["subtree"]

    assert answer.status_code == 200
    valid("Board", board)
    assert (counts["assigned"], counts["due"], counts["completed"], counts["overdue"]) == (
        4,
        4,
        2,
        1,
    )
    assert counts["on_time_rate"] == 0.25


def test_a_rate_without_a_denominator_is_null() -> None:
    counts = Home().ask("/api/units/66/board?on=2012-06-07").json()["subtree"]

    assert counts["due_completion_rate"] is None
    assert counts["completion_rate"] == 0.5


def test_a_board_is_taken_apart_by_child() -> None:
    board = Home().ask("/api/units/66/board?by=child").json()

    valid("Board", board)
    assert [row["key"] for row in board["rows"]] == ["66.so-a", "66.so-b", "66.643", "66.644"]


def test_a_plus_sign_that_was_not_escaped_is_understood() -> None:
    answer = Home().ask("/api/units/66/board?on=2012-06-12T00:00:00+07:00")

    assert answer.status_code == 200


BAD = {
    "/api/units/66/board?on=2012-02-30": ("impossible_day", "on"),
    "/api/units/66/board?on=yesterday": ("impossible_day", "on"),
    "/api/units/66/board?on=2012-06-08T08:00:00": ("instant_without_offset", "on"),
    "/api/units/66/board?known=x": ("impossible_day", "known"),
    "/api/units/66/board?tree=soon": ("not_in_list", "tree"),
    "/api/units/66/board?by=colour": ("not_in_list", "by"),
    "/api/units/66/board?all=yes": ("not_in_list", "all"),
    "/api/units/66/board?period=2012-Q5": ("not_in_list", "period"),
    "/api/units/66/board?programme=": ("empty_string", "programme"),
    f"/api/units/66/board?programme={'x' * 201}": ("too_long", "programme"),
    "/api/units/66/board?unit=66": ("extra_field", "unit"),
    "/api/units/66/obligations?state=late": ("not_in_list", "state"),
    "/api/units/66/obligations?page=0": ("not_in_list", "page"),
    "/api/units/66/obligations?page=1e3": ("not_in_list", "page"),
    "/api/units/66/obligations?page=%D9%A3": ("not_in_list", "page"),
    "/api/units/66/obligations?rows=501": ("not_in_list", "rows"),
    "/api/handover?after=-1": ("not_in_list", "after"),
    "/api/handover?rows=501": ("not_in_list", "rows"),
    "/api/handover?page=2": ("extra_field", "page"),
    "/api/open?on=2012-06-08": ("extra_field", "on"),
    "/api/units/66/stream?on=2012-06-08": ("extra_field", "on"),
    "/api/restatements?unit=SO%20A": ("bad_code", "unit"),
    "/api/restatements?since=2012-02-30": ("impossible_day", "since"),
    "/api/restatements?since=2012-06-08T08:00:00": ("instant_without_offset", "since"),
    "/api/restatements?limit=501": ("not_in_list", "limit"),
    "/api/restatements?page=2": ("extra_field", "page"),
    "/api/restatements/66": ("not_in_list", "event_id"),
    "/api/units/SO%20A/board": ("bad_code", "code"),
    f"/api/units/{'x' * 65}/board": ("bad_code", "code"),
}


@pytest.mark.parametrize("path", BAD)
def test_bad_input_gets_one_sentence_with_its_place(path: str) -> None:
    answer = Home().ask(path)
    said = answer.json()

    valid("Refusal", said)
    assert answer.status_code == 400
    assert (said["reason"], said["where"]) == BAD[path]
    assert "\n" not in said["sentence"]


def test_a_process_without_obligations_has_restated_nothing() -> None:
    found = Home().ask("/api/restatements").json()
    event = Home().ask(f"/api/restatements/{'0' * 32}")

    valid("Restatements", found)
    assert found == {"restatements": [], "more": False}
    assert (event.status_code, event.json()["reason"]) == (404, "unknown_event")


@pytest.mark.parametrize("path", ["", "/board", "/obligations", "/stream"])
def test_a_unit_that_nobody_established_is_not_found(path: str) -> None:
    answer = Home().ask(f"/api/units/99{path}")

    assert answer.status_code == 404
    assert answer.json()["reason"] == "unknown_unit"


def test_a_path_that_is_not_there_is_told_in_json() -> None:
    answer = Home().ask("/api/unit/66")

    assert answer.status_code == 404
    assert answer.json()["reason"] == "not_found"


def test_a_method_that_is_not_for_a_path_is_refused() -> None:
    answer = Home().ask("/api/units/66/board", "DELETE")

    assert answer.status_code == 405
    assert answer.json()["where"] == "/api/units/66/board"


def test_a_surprise_tells_no_inner_workings() -> None:
    home = Home(metrics=lambda: bytes(1 // 0))
    answer = home.ask("/metrics")

    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert answer.json()["reason"] == "broken"


def test_obligations_come_in_pages() -> None:
    home = Home()
    first = home.ask("/api/units/66/obligations?rows=3").json()
    second = home.ask("/api/units/66/obligations?rows=3&page=2").json()

    valid("Obligations", first)
    assert (first["total"], first["pages"], len(first["obligations"])) == (4, 2, 3)
    assert len(second["obligations"]) == 1


def test_obligations_can_be_asked_by_state() -> None:
    found = Home().ask("/api/units/66/obligations?state=overdue").json()

    assert [one["unit"] for one in found["obligations"]] == ["66.644"]


def test_units_are_found_by_name_and_by_parent() -> None:
    home = Home()
    by_name = home.ask("/api/units", params={"q": "đắk"}).json()
    below = home.ask("/api/units", params={"parent": "66", "rows": "2"}).json()

    valid("Units", by_name)
    assert [unit["unit"] for unit in by_name["units"]] == ["66"]
    assert by_name["units"][0]["within"] == "Trung ương"
    assert ([unit["unit"] for unit in below["units"]], below["more"]) == (
        ["66.so-a", "66.so-b"],
        True,
    )


def test_what_ended_units_have_open_comes_in_pages() -> None:
    home = Home(at="2012-05-01")
    home.world.by_code["66.643"] = home.world.by_code["66.643"]._replace(closed=True)
    home.world.by_code["66.644"] = home.world.by_code["66.644"]._replace(closed=True)
    first = home.ask("/api/handover?rows=1").json()
    second = home.ask(f"/api/handover?rows=1&after={first['next']}").json()

    valid("LeftOpen", first)
    assert [one["unit"] for one in first["obligations"]] == ["66.643"]
    assert [one["unit"] for one in second["obligations"]] == ["66.644"]
    assert second["next"] is None


def test_every_unit_has_its_count_of_open_obligations() -> None:
    found = Home(at="2012-06-10").ask("/api/open").json()

    valid("Open", found)
    assert found == {"units": {"66.644": 1}}


def test_a_unit_tells_its_path_from_the_centre() -> None:
    found = Home().ask("/api/units/66.643").json()

    valid("Unit", found)
    assert [step["unit"] for step in found["path"]] == ["centre", "66", "66.643"]


def test_readiness_says_why_not() -> None:
    home = Home(ready=lambda: Readiness(False, "12 events to fold"))

    assert home.ask("/healthz").status_code == 200
    assert (home.ask("/readyz").status_code, home.ask("/readyz").text) == (
        503,
        "12 events to fold\n",
    )


@pytest.mark.parametrize("path", ["/", "/api/units/66/board", "/static/main.js", "/nowhere"])
def test_every_answer_has_the_security_headers(path: str) -> None:
    headers = Home().ask(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_name_that_is_not_ours_is_not_answered() -> None:
    home = Home()
    answers = {
        host: home.ask("/api/units/66/board", headers={"host": host}).status_code
        for host in ("evil.example", "localhost:8000", "127.0.0.1", "[::1]:8000", "")
    }

    assert answers == {
        "evil.example": 421,
        "localhost:8000": 200,
        "127.0.0.1": 200,
        "[::1]:8000": 200,
        "": 421,
    }


def test_beyond_loopback_every_name_is_answered() -> None:
    names = {address: hosts_for(address) for address in ("127.0.0.1", "::1", "0.0.0.0")}

    assert names == {"127.0.0.1": LOOPBACK_HOSTS, "::1": LOOPBACK_HOSTS, "0.0.0.0": ("*",)}
    assert Home(hosts=("*",)).ask("/healthz", headers={"host": "app:8000"}).status_code == 200


def test_the_page_is_in_the_readers_language() -> None:
    home = Home()
    english = {"accept-language": "en-GB,en;q=0.9"}

    assert '<html lang="vi">' in home.ask("/").text
    assert '<html lang="en">' in home.ask("/", headers=english).text
    assert '<html lang="vi">' in home.ask("/?lang=vi", headers=english).text


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = Home().ask("/").text

    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')


def test_the_template_itself_and_foreign_files_are_not_served() -> None:
    home = Home()
    paths = ("/static/index.html", "/static/../http.py", "/static/%2e%2e/http.py", "/static/x.js")

    assert [home.ask(path).status_code for path in paths] == [404] * 4


def test_openapi_names_every_route_and_no_other() -> None:
    documented = {
        (path, method.upper()) for path, item in openapi()["paths"].items() for method in item
    }
    routed = {
        (route.path, method)
        for route in Home().app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert documented == routed
    assert [r.path for r in Home().app.routes if isinstance(r, Mount)] == ["/static"]


def test_openapi_names_every_parameter_that_is_read() -> None:
    home = Home()
    for path, item in openapi()["paths"].items():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter["in"] != "query":
                continue
            asked = path.replace("{code}", "66")
            refused = home.ask(asked, params={parameter["name"]: ""}).json().get("reason")

            assert refused != "extra_field", (path, parameter["name"])
