"""Questions of a server to its client, seen from the wire: as requests for legacy clients, in rounds for modern ones."""

import json

import pytest

from support.mcp import Answer, Client, Stream
from support.paths import everything

CAPABLE = {"elicitation": {"form": {}}}
ASK = {"name": "test_input_required_result_request_state"}


@pytest.fixture
def gateway(gatehouse):
    return gatehouse("--", *everything())


@pytest.fixture
def client(gateway, recorded) -> Client:
    return Client(recorded(gateway).address)


def first_round(client: Client, call: dict = ASK) -> dict:
    result = client.modern("tools/call", call, CAPABLE).result
    assert result["resultType"] == "input_required"
    assert result["requestState"]
    return result


def retry(client: Client, asked: dict, call: dict = ASK, **changed: object) -> Answer:
    answers = {key: {"action": "accept", "content": {"ok": True}} for key in asked["inputRequests"]}
    given = {"inputResponses": answers, "requestState": asked["requestState"], **changed}
    return client.modern("tools/call", {**call, **given}, CAPABLE)


def test_a_round(client: Client) -> None:
    assert "state-ok" in json.dumps(retry(client, first_round(client)).result)


def test_state_is_sealed(client: Client) -> None:
    asked = first_round(client)
    state = asked["requestState"]
    middle = len(state) // 2
    for wrong in (state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :], state[:-4], state + "AAAA", "x", ""):
        answer = retry(client, asked, requestState=wrong)
        assert answer.error["code"] == -32602, wrong
    assert "state-ok" in json.dumps(retry(client, asked).result)


def test_state_belongs_to_its_call(client: Client) -> None:
    asked = first_round(client)
    other = {"name": "test_input_required_result_tampered_state"}
    assert retry(client, asked, other).error["code"] == -32602


def test_state_belongs_to_its_arguments(client: Client) -> None:
    call = {**ASK, "arguments": {"city": "Oslo"}}
    asked = first_round(client, call)
    for arguments in ({"city": "Rome"}, {"city": "Oslo", "more": 1}, {}):
        assert retry(client, asked, {**ASK, "arguments": arguments}).error["code"] == -32602, arguments
    assert retry(client, asked, ASK).error["code"] == -32602
    assert "state-ok" in json.dumps(retry(client, asked, call).result)


def test_state_belongs_to_its_server(gatehouse_config) -> None:
    gateway = gatehouse_config({"servers": {"one": {"command": everything()}, "two": {"command": everything()}}})
    one, two = (Client(gateway.address, f"/{name}/mcp") for name in ("one", "two"))
    asked = first_round(one)
    assert retry(two, asked).error["code"] == -32602
    assert "state-ok" in json.dumps(retry(one, asked).result)


def test_a_retry_whose_answer_was_lost_may_come_again(client: Client) -> None:
    asked = first_round(client)
    assert retry(client, asked).result["content"] == retry(client, asked).result["content"]


def test_a_client_that_cannot_be_asked(client: Client) -> None:
    answer = client.modern("tools/call", {"name": "test_missing_capability"})
    assert answer.status == 400
    assert answer.error["code"] == -32021
    assert "sampling" in answer.error["data"]["requiredCapabilities"]


def contact(name: str) -> dict[str, str]:
    """What the form of test_elicitation asks for."""
    return {"username": name, "email": f"{name}@example.com"}


def ask_by_call(client: Client, call: dict) -> Stream:
    return client.stream(client.rpc("tools/call", call))


def test_a_legacy_client_is_asked_on_the_stream_of_its_call(client: Client) -> None:
    client.initialize(CAPABLE)
    stream = ask_by_call(client, {"name": "test_elicitation", "arguments": {"message": "Tea?"}})
    question = stream.next()
    assert question["method"] == "elicitation/create"
    assert question["params"]["message"] == "Tea?"
    reply = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": contact("yes")}}
    accepted = client.post(reply, client.session_headers())
    assert accepted.status == 202 and not accepted.http.body
    assert "yes" in json.dumps(stream.next()["result"])


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_legacy_client_refuses(client: Client, action: str) -> None:
    client.initialize(CAPABLE)
    stream = ask_by_call(client, {"name": "test_elicitation", "arguments": {"message": "Tea?"}})
    question = stream.next()
    client.post({"jsonrpc": "2.0", "id": question["id"], "result": {"action": action}}, client.session_headers())
    assert action in json.dumps(stream.next()["result"])


def test_an_answer_from_another_session_does_not_count(client: Client, gateway) -> None:
    client.initialize(CAPABLE)
    stranger = Client(gateway.address)
    stranger.initialize(CAPABLE)
    stream = ask_by_call(client, {"name": "test_elicitation", "arguments": {"message": "Tea?"}})
    question = stream.next()
    for session, word in ((stranger, "stolen"), (client, "mine")):
        reply = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": contact(word)}}
        assert session.post(reply, session.session_headers()).status == 202
    result = json.dumps(stream.next()["result"])
    assert "mine" in result and "stolen" not in result


def test_rounds_are_made_for_a_legacy_client(client: Client) -> None:
    client.initialize(CAPABLE)
    stream = ask_by_call(client, {"name": "test_input_required_result_multi_round"})
    for word in ("Ada", "green"):
        question = stream.next()
        (field,) = question["params"]["requestedSchema"]["properties"]
        reply = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {field: word}}}
        client.post(reply, client.session_headers())
    result = json.dumps(stream.next()["result"])
    assert "Ada" in result and "green" in result


def test_two_calls_of_a_legacy_client_ask_at_once(client: Client) -> None:
    # A child's question does not say which call it is for: without a stream of the session's own it goes with one of them.
    client.initialize(CAPABLE)
    calls = [ask_by_call(client, {"name": "test_elicitation", "arguments": {"message": m}}) for m in ("Tea?", "Milk?")]
    asked = [call.next() for call in calls]
    assert sorted(question["params"]["message"] for question in asked) == ["Milk?", "Tea?"]
    for question in asked:
        reply = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": contact("yes")}}
        assert client.post(reply, client.session_headers()).status == 202
    for call in calls:
        assert "yes" in json.dumps(call.next()["result"])
