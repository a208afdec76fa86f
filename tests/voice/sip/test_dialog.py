"""Dialogs as tables: who we are, where the next request goes, which requests are too old."""

from __future__ import annotations

import pytest
from sipmessage import CSeq, Request, Response

from voice.sip.dialog import Dialog, new_call_id, new_tag
from voice.sip.uris import exact

TAG = "peer+t*g%20"  # sipmessage would print it differently


def invite(contact: str = "<sip:peer@10.0.0.9:5070;ob>", routes: tuple[str, ...] = ()) -> Request:
    request = Request("INVITE", exact("sip:0481234567@10.0.0.1"))
    request.headers.set("From", f'"a;b" <sip:peer@10.0.0.9;x=y>;tag={TAG}')
    request.headers.set("To", "<sip:0481234567@10.0.0.1>")
    request.headers.set("Call-ID", "c@h")
    request.cseq = CSeq(7, "INVITE")
    if contact:
        request.headers.set("Contact", contact)
    for route in routes:
        request.headers.add("Record-Route", route)
    return request


def ok(contact: str = "<sip:desk@10.0.0.7>", routes: tuple[str, ...] = ()) -> Response:
    response = Response(200, "OK")
    response.headers.set("To", "<sip:op@10.0.0.5>;tag=theirs")
    if contact:
        response.headers.set("Contact", contact)
    for route in routes:
        response.headers.add("Record-Route", route)
    return response


def called() -> Request:
    request = invite("<sip:us@10.0.0.1:5060>")
    request.uri = exact("sip:op@10.0.0.5")
    request.headers.set("From", "<sip:us@10.0.0.1>;tag=ours")
    request.headers.set("To", "<sip:op@10.0.0.5>")
    return request


def test_server_dialog_takes_the_callers_words_exactly() -> None:
    dialog = Dialog.as_server(invite(), "ours", "<sip:us@10.0.0.1>")
    bye = dialog.request("BYE")
    assert dialog.id == ("c@h", "ours", TAG)
    assert str(bye.uri) == "sip:peer@10.0.0.9:5070;ob"
    assert bye.headers["To"] == f'"a;b" <sip:peer@10.0.0.9;x=y>;tag={TAG}'
    assert bye.headers["From"] == "<sip:0481234567@10.0.0.1>;tag=ours"
    assert bye.headers["CSeq"] == "1 BYE"
    assert bye.headers["Call-ID"] == "c@h"
    assert bye.headers["Max-Forwards"] == "70"


def test_requests_are_numbered_one_after_the_other() -> None:
    dialog = Dialog.as_server(invite(), "ours", "<sip:us@10.0.0.1>")
    assert [dialog.request(method).headers["CSeq"] for method in ("UPDATE", "REFER", "BYE")] == [
        "1 UPDATE",
        "2 REFER",
        "3 BYE",
    ]


def test_contact_is_only_in_requests_that_may_move_the_target() -> None:
    dialog = Dialog.as_server(invite(), "ours", "<sip:us@10.0.0.1>")
    assert dialog.request("UPDATE").headers.get("Contact") == "<sip:us@10.0.0.1>"
    assert dialog.request("BYE").headers.get("Contact") is None


def test_client_dialog_acknowledges_with_the_number_of_its_invite() -> None:
    dialog = Dialog.as_client(called(), ok())
    assert dialog.ack().headers["CSeq"] == "7 ACK"
    assert dialog.request("UPDATE").headers["CSeq"] == "8 UPDATE"
    assert dialog.ack().headers["CSeq"] == "7 ACK"
    dialog.request("INVITE")
    assert dialog.ack().headers["CSeq"] == "9 ACK"


def test_server_route_set_keeps_its_order_and_the_clients_is_turned_round() -> None:
    routes = ('<sip:p1.example;lr>, "P, 2" <sip:p2.example;lr>;x=a', "<sip:p3.example;lr>")
    expected = ["<sip:p1.example;lr>", '"P, 2" <sip:p2.example;lr>;x=a', "<sip:p3.example;lr>"]
    server = Dialog.as_server(invite(routes=routes), "ours", "<sip:us@10.0.0.1>")
    client = Dialog.as_client(called(), ok(routes=routes))
    assert server.request("BYE").headers.getlist("Route") == expected
    assert client.request("BYE").headers.getlist("Route") == expected[::-1]
    assert server.next_hop() == "sip:p1.example;lr"
    assert client.next_hop() == "sip:p3.example;lr"


def test_strict_router_becomes_the_target_and_the_target_the_last_route() -> None:
    dialog = Dialog.as_server(invite(routes=("<sip:old.example;method=INVITE>", "<sip:p2;lr>")), "t", "<sip:us@h>")
    bye = dialog.request("BYE")
    assert str(bye.uri) == "sip:old.example"
    assert bye.headers.getlist("Route") == ["<sip:p2;lr>", "<sip:peer@10.0.0.9:5070;ob>"]
    assert dialog.next_hop() == "sip:old.example;method=INVITE"


def test_lr_in_the_user_part_is_no_loose_router() -> None:
    dialog = Dialog.as_server(invite(routes=("<sip:a;lr@old.example>",)), "t", "<sip:us@h>")
    assert str(dialog.request("BYE").uri) == "sip:a;lr@old.example"


@pytest.mark.parametrize(("number", "taken"), [(8, True), (100, True), (7, False), (6, False)])
def test_only_newer_requests_are_accepted(number: int, taken: bool) -> None:
    dialog = Dialog.as_server(invite(), "ours", "<sip:us@10.0.0.1>")
    info = Request("INFO", exact("sip:us@10.0.0.1"))
    info.cseq = CSeq(number, "INFO")
    assert dialog.accepts(info) is taken
    assert not dialog.accepts(info)


def test_first_request_of_a_peer_we_called_may_have_any_number() -> None:
    dialog = Dialog.as_client(called(), ok())
    bye = Request("BYE", exact("sip:us@10.0.0.1"))
    bye.cseq = CSeq(1, "BYE")
    assert dialog.accepts(bye)


def test_target_moves_with_a_new_contact_and_stays_without_a_good_one() -> None:
    dialog = Dialog.as_server(invite(), "ours", "<sip:us@10.0.0.1>")
    dialog.refresh_target(invite("<sip:peer@10.0.0.10>"))
    assert dialog.target == "sip:peer@10.0.0.10"
    for contact in ("", "<sip:a@b>, <sip:c@d>", "<sip:un closed"):
        dialog.refresh_target(invite(contact))
        assert dialog.target == "sip:peer@10.0.0.10"


@pytest.mark.parametrize("contact", ["", "<sip:a@b>, <sip:c@d>", "*", "<sip:open", '"open <sip:a@b>'])
def test_invite_without_exactly_one_contact_makes_no_dialog(contact: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Dialog.as_server(invite(contact), "ours", "<sip:us@10.0.0.1>")


def test_answer_without_a_contact_can_still_be_acknowledged_and_ended() -> None:
    dialog = Dialog.as_client(called(), ok(contact=""))
    assert str(dialog.ack().uri) == str(dialog.request("BYE").uri) == "sip:op@10.0.0.5"


def test_peer_without_a_tag_is_one_of_rfc_2543() -> None:
    request = invite()
    request.headers.set("From", "<sip:old@10.0.0.9>")
    dialog = Dialog.as_server(request, "ours", "<sip:us@10.0.0.1>")
    assert dialog.remote_tag == ""


def test_endless_route_is_refused() -> None:
    with pytest.raises(ValueError, match="many"):
        Dialog.as_server(invite(routes=("<sip:p;lr>",) * 17), "ours", "<sip:us@10.0.0.1>")


def test_tags_and_call_ids_do_not_repeat() -> None:
    assert len({new_tag() for _ in range(100)} | {new_call_id() for _ in range(100)}) == 200
