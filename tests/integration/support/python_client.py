"""Runs the official Python client through the same course as node/driver.ts and prints what it saw as one line of JSON."""

import json
import sys
import time

import anyio
import mcp_types as types
from mcp import Client, StdioServerParameters


def text_of(result: types.CallToolResult) -> str:
    return "".join(getattr(c, "text", "") for c in result.content)


async def cancelled(client: Client, plan: dict) -> dict:
    started = time.monotonic()
    outcome: dict = {"refused": "given up"}
    with anyio.move_on_after(plan["cancelAfter"] / 1000):
        slow = await client.call_tool(**plan["words"]["slow"])
        outcome = {"answered": text_of(slow)}
    milliseconds = int((time.monotonic() - started) * 1000)
    return {**outcome, "milliseconds": milliseconds, "after": text_of(await client.call_tool(**plan["words"]["simple"]))}


async def course(client: Client, plan: dict, asked: list[str]) -> dict:
    words = plan["words"]
    progress: list[list[float]] = []

    async def on_progress(done: float, total: float | None, _message: str | None) -> None:
        progress.append([done, -1 if total is None else total])

    seen: dict = {"version": client.protocol_version, "server": client.server_info and client.server_info.name}
    seen["simple"] = text_of(await client.call_tool(**words["simple"]))
    if plan["pause"]:
        print(json.dumps({"paused": True}), flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        seen["resumed"] = text_of(await client.call_tool(**words["simple"]))
    seen["tools"] = [t.name for t in (await client.list_tools()).tools]
    seen["resources"] = [str(r.uri) for r in (await client.list_resources()).resources]
    seen["prompts"] = [p.name for p in (await client.list_prompts()).prompts]
    seen["progressText"] = text_of(await client.call_tool(**words["progress"], progress_callback=on_progress))
    seen["progress"] = progress
    seen["resource"] = (await client.read_resource(words["resource"])).contents[0].text
    seen["prompt"] = (await client.get_prompt(**words["prompt"])).messages[0].content.text
    seen["askText"] = text_of(await client.call_tool(**words["ask"]))
    seen["asked"] = asked
    seen["cancel"] = await cancelled(client, plan)
    return seen


async def main(plan: dict) -> None:
    asked: list[str] = []

    async def on_question(_context: object, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content=plan["words"]["answer"])

    target = plan["target"]
    server = target.get("url") or StdioServerParameters(command=target["command"][0], args=target["command"][1:])
    async with Client(server, mode=plan["era"], elicitation_callback=on_question) as client:
        seen = await course(client, plan, asked)
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    anyio.run(main, json.loads(sys.argv[1]))
