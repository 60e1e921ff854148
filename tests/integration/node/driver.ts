// Runs one official TypeScript client through a fixed course and prints what it saw as one line of JSON.
//
// argv: a JSON object { target, era, words } (see support/drivers.py); argv[2] names the SDK: "sdk1" or "sdk2".
import { createInterface } from 'node:readline/promises';

export interface Call {
    name: string;
    arguments: Record<string, unknown>;
}

export interface Plan {
    /** Where the server is: a URL, or a command for stdio. */
    target: { url: string } | { command: string[] };
    /** "legacy", or the modern revision to insist on. */
    era: string;
    words: { simple: Call; progress: Call; ask: Call; slow: Call; resource: string; prompt: Call; answer: Record<string, unknown> };
    /** Stops after the first call until a line arrives on stdin. */
    pause: boolean;
    /** How long the slow call is left alone before it is cancelled. */
    cancelAfter: number;
}

/** What both SDKs can do, in the words of the course. */
export interface Peer {
    version(): string | undefined;
    serverName(): string | undefined;
    asked: string[];
    tools(): Promise<string[]>;
    resources(): Promise<string[]>;
    prompts(): Promise<string[]>;
    call(call: Call, options?: { onprogress?: (p: { progress: number; total?: number }) => void; signal?: AbortSignal }): Promise<any>;
    read(uri: string): Promise<any>;
    prompt(call: Call): Promise<any>;
    close(): Promise<void>;
}

const textOf = (result: any) => result.content?.map((c: any) => c.text ?? '').join('') ?? '';

async function pause(): Promise<void> {
    console.log(JSON.stringify({ paused: true }));
    const lines = createInterface({ input: process.stdin });
    await new Promise<void>(resolve => lines.once('line', () => resolve()));
    lines.close();
}

async function cancelled(peer: Peer, plan: Plan): Promise<Record<string, unknown>> {
    const stop = new AbortController();
    const started = Date.now();
    setTimeout(() => stop.abort('no longer wanted'), plan.cancelAfter);
    const outcome = await peer.call(plan.words.slow, { signal: stop.signal }).then(
        result => ({ answered: textOf(result) }),
        error => ({ refused: String(error?.message ?? error) })
    );
    return { ...outcome, milliseconds: Date.now() - started, after: textOf(await peer.call(plan.words.simple)) };
}

async function course(peer: Peer, plan: Plan): Promise<Record<string, unknown>> {
    const { words } = plan;
    const seen: Record<string, unknown> = { version: peer.version(), server: peer.serverName() };
    seen.simple = textOf(await peer.call(words.simple));
    if (plan.pause) {
        await pause();
        seen.resumed = textOf(await peer.call(words.simple));
    }
    seen.tools = await peer.tools();
    seen.resources = await peer.resources();
    seen.prompts = await peer.prompts();
    const progress: number[][] = [];
    seen.progressText = textOf(await peer.call(words.progress, { onprogress: p => progress.push([p.progress, p.total ?? -1]) }));
    seen.progress = progress;
    seen.resource = (await peer.read(words.resource)).contents[0].text;
    seen.prompt = (await peer.prompt(words.prompt)).messages[0].content.text;
    seen.askText = textOf(await peer.call(words.ask));
    seen.asked = peer.asked;
    seen.cancel = await cancelled(peer, plan);
    return seen;
}

const plan = JSON.parse(process.argv[3]) as Plan;
const { connect } = (await import(`./driver-${process.argv[2]}.ts`)) as { connect(plan: Plan): Promise<Peer> };
const peer = await connect(plan);
const seen = await course(peer, plan);
await peer.close();
console.log(JSON.stringify(seen));
