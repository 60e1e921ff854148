// Offers the fixture server one of several ways: --http (both eras), --modern-http, --stdio (both eras) or --legacy-stdio.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { localhostHostValidation, localhostOriginValidation, NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { classifyInboundRequest, createMcpHandler, isInitializeRequest, type EventStore } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import { buildServer, type Host } from './fixture-server.ts';

const onConnection: Host = {
    toolsChanged: server => server.sendToolListChanged(),
    promptsChanged: server => server.sendPromptListChanged(),
    dropStream: () => {}
};

/** Keeps the messages of every stream in order of arrival, so that a client can come back for what it missed. */
function eventStore(): EventStore {
    const events: { stream: string; message: unknown }[] = [];
    return {
        async storeEvent(stream, message) {
            events.push({ stream, message });
            return String(events.length - 1);
        },
        async replayEventsAfter(last, { send }) {
            const stream = events[Number(last)]?.stream ?? '';
            for (let i = Number(last) + 1; i < events.length; i++)
                if (events[i].stream === stream && Object.keys(events[i].message as object).length > 0)
                    await send(String(i), events[i].message as never);
            return stream;
        }
    };
}

function refuse(res: ServerResponse, status: number, code: number, message: string): void {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }));
}

async function readBody(req: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function serveHttp(port: number, legacy: boolean): void {
    const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
    const host: Host = {
        // Modern listeners are told by the handler; a legacy client by its own session's server object.
        toolsChanged: server => (server.server.transport?.sessionId ? server.sendToolListChanged() : modern.notify.toolsChanged()),
        promptsChanged: server => (server.server.transport?.sessionId ? server.sendPromptListChanged() : modern.notify.promptsChanged()),
        dropStream: (session, request) => sessions.get(session ?? '')?.closeSSEStream(request)
    };
    const modern = createMcpHandler(() => buildServer(host), legacy ? {} : { legacy: 'reject' });
    const answerModern = toNodeHandler(modern);

    async function open(): Promise<NodeStreamableHTTPServerTransport> {
        const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
            sessionIdGenerator: randomUUID,
            eventStore: eventStore(),
            retryInterval: 500,
            onsessioninitialized: id => void sessions.set(id, transport)
        });
        transport.onclose = () => void sessions.delete(transport.sessionId ?? '');
        await buildServer(host).connect(transport);
        return transport;
    }

    async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
        const header = (name: string) => req.headers[name] as string | undefined;
        let body: unknown;
        try {
            body = await readBody(req);
        } catch {
            return refuse(res, 400, -32700, 'the body is not JSON');
        }
        const inbound = classifyInboundRequest({
            httpMethod: req.method ?? '',
            protocolVersionHeader: header('mcp-protocol-version'),
            mcpMethodHeader: header('mcp-method'),
            body
        });
        if (!legacy || inbound.kind !== 'legacy') return answerModern(req, res, body);
        const id = header('mcp-session-id');
        const transport = id === undefined && isInitializeRequest(body) ? await open() : sessions.get(id ?? '');
        if (transport !== undefined) return transport.handleRequest(req, res, body);
        if (id === undefined) return refuse(res, 400, -32000, 'a session id is missing');
        return refuse(res, 404, -32001, 'no such session');
    }

    const hostIsLocal = localhostHostValidation();
    const originIsLocal = localhostOriginValidation();
    const http = createServer((req, res) => {
        if (!hostIsLocal(req, res) || !originIsLocal(req, res)) return;
        answer(req, res).catch(error => {
            console.error(error);
            if (!res.headersSent) refuse(res, 500, -32603, 'internal error');
        });
    });
    http.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`));
    process.on('SIGTERM', () => process.exit(0));
}

const mode = process.argv[2];
const port = Number(process.argv[3] ?? 0);
if (mode === '--http') serveHttp(port, true);
else if (mode === '--modern-http') serveHttp(port, false);
else if (mode === '--stdio') serveStdio(() => buildServer(onConnection));
else if (mode === '--legacy-stdio') await buildServer(onConnection).connect(new StdioServerTransport());
else {
    console.error('usage: fixture.ts --http|--modern-http [PORT] | --stdio | --legacy-stdio');
    process.exit(2);
}
