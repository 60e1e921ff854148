// One MCP server with every tool, resource and prompt the conformance suite calls by name, for both protocol eras.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
    acceptedContent,
    CLIENT_CAPABILITIES_META_KEY,
    createRequestStateCodec,
    fromJsonSchema,
    inputRequired,
    McpServer,
    ProtocolError,
    ProtocolErrorCode,
    ResourceTemplate
} from '@modelcontextprotocol/server';
import * as z from 'zod/v4';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQIAAACAgA==';

/** What the process around the server can do for it; each transport has its own way. */
export interface Host {
    toolsChanged(server: McpServer): void;
    promptsChanged(server: McpServer): void;
    /** Ends the response stream of a request without answering, where the transport knows streams. */
    dropStream(sessionId: string | undefined, requestId: string | number): void;
}

// One key for the life of the process: over HTTP each modern request meets a server object of its own, only the state survives.
const state = createRequestStateCodec<Record<string, unknown>>({ key: new Uint8Array(randomBytes(32)) });

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' };
const embedded = (uri: string) => ({ type: 'resource' as const, resource: { uri, mimeType: 'text/plain', text: `embedded ${uri}` } });
const form = (message: string, properties: Record<string, unknown>, required: string[] = Object.keys(properties)) =>
    inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } as never });
const prompt = (words: string, maxTokens = 64) =>
    inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens });

/** The text of a sampling answer, or undefined while there is none. */
function sampled(responses: Record<string, unknown> | undefined, key: string): string | undefined {
    const answer = responses?.[key] as { content?: { text?: string } } | undefined;
    return answer === undefined ? undefined : (answer.content?.text ?? '');
}

function addContentTools(server: McpServer): void {
    const plain: Record<string, unknown[]> = {
        test_simple_text: [{ type: 'text', text: 'plain text from the fixture' }],
        test_image_content: [image],
        test_audio_content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }],
        test_embedded_resource: [embedded('test://embedded-resource')],
        test_multiple_content_types: [{ type: 'text', text: 'three kinds' }, image, embedded('test://mixed-content-resource')],
        test_streaming_elicitation: [{ type: 'text', text: 'only a result travels on this stream' }]
    };
    for (const [name, content] of Object.entries(plain))
        server.registerTool(name, { description: `Answers with fixed content (${name})` }, async () => ({ content }) as never);

    server.registerTool('test_error_handling', { description: 'Fails as a tool' }, async () => {
        throw new Error('this tool always fails');
    });
    server.registerTool(
        'json_schema_2020_12_tool',
        {
            description: 'Its input schema uses the wider 2020-12 vocabulary',
            inputSchema: fromJsonSchema({
                $schema: 'https://json-schema.org/draft/2020-12/schema',
                type: 'object',
                $defs: {
                    address: {
                        $anchor: 'addressDef',
                        type: 'object',
                        properties: { street: { type: 'string' }, city: { type: 'string' } }
                    }
                },
                properties: {
                    name: { type: 'string' },
                    address: { $ref: '#/$defs/address' },
                    contactMethod: { type: 'string', enum: ['phone', 'email'] },
                    phone: { type: 'string' },
                    email: { type: 'string' }
                },
                allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
                if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
                then: { required: ['phone'] },
                else: { required: ['email'] },
                additionalProperties: false
            })
        },
        async args => text(JSON.stringify(args))
    );
    server.registerTool(
        'test_x_mcp_header',
        {
            description: 'Wants one argument repeated as a header',
            inputSchema: fromJsonSchema<{ region?: string; level?: number }>({
                type: 'object',
                properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } }
            })
        },
        async args => text(`region=${args.region ?? ''}`)
    );
}

function addNotifyingTools(server: McpServer, host: Host): void {
    const none = z.object({});
    server.registerTool('test_tool_with_progress', { description: 'Reports 0, 50, 100', inputSchema: none }, async (_args, ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
            await ctx.mcpReq.notify({
                method: 'notifications/progress',
                params: { progressToken: progressToken!, progress, total: 100, message: `at ${progress}` }
            });
            await sleep(30);
        }
        return text('done');
    });
    server.registerTool('test_tool_with_logging', { description: 'Logs three times', inputSchema: none }, async (_args, ctx) => {
        for (const data of ['begin', 'middle', 'end']) {
            await ctx.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
            await sleep(30);
        }
        return text('logged');
    });
    server.registerTool('test_logging_tool', { description: 'Logs if it was asked to', inputSchema: none }, async (_args, ctx) => {
        await ctx.mcpReq.log('info', 'logged on demand');
        return text('done');
    });
    server.registerTool(
        'test_slow',
        { description: 'Takes its time and ends early when cancelled', inputSchema: z.object({ seconds: z.number() }) },
        async ({ seconds }, ctx) => {
            await sleep(seconds * 1000, undefined, { signal: ctx.mcpReq.signal });
            return text(`slept ${seconds} s`);
        }
    );
    server.registerTool('test_reconnection', { description: 'Closes its stream before it answers', inputSchema: none }, async (_args, ctx) => {
        host.dropStream(ctx.sessionId, ctx.mcpReq.id);
        await sleep(100);
        return text('answered after the stream was closed');
    });
    server.registerTool('test_trigger_tool_change', { description: 'Announces changed tools', inputSchema: none }, async () => {
        host.toolsChanged(server);
        return text('announced');
    });
    server.registerTool('test_trigger_prompt_change', { description: 'Announces changed prompts', inputSchema: none }, async () => {
        host.promptsChanged(server);
        return text('announced');
    });
}

// Every question is asked as an input_required result; for a legacy client the SDK turns it into a request on the session.
function addLegacyQuestions(server: McpServer): void {
    const ask = (name: string, properties: Record<string, unknown>) =>
        server.registerTool(name, { description: `Shows a form (${name})`, inputSchema: z.object({}) }, async (_args, ctx) => {
            const answer = ctx.mcpReq.inputResponses?.['form'] as { action?: string; content?: unknown } | undefined;
            if (answer === undefined) return inputRequired({ inputRequests: { form: form('Fill in the form', properties, []) } });
            return text(`action=${answer.action} content=${JSON.stringify(answer.content ?? {})}`);
        });
    ask('test_elicitation_sep1034_defaults', {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true }
    });
    const titled = ['value1', 'value2', 'value3'].map((value, i) => ({ const: value, title: `Choice ${i + 1}` }));
    const options = ['option1', 'option2', 'option3'];
    ask('test_elicitation_sep1330_enums', {
        untitledSingle: { type: 'string', enum: options },
        titledSingle: { type: 'string', oneOf: titled },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option 1', 'Option 2', 'Option 3'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
        titledMulti: { type: 'array', items: { anyOf: titled } }
    });
    server.registerTool(
        'test_elicitation',
        { description: 'Asks for two strings', inputSchema: z.object({ message: z.string() }) },
        async ({ message }, ctx) => {
            const answer = ctx.mcpReq.inputResponses?.['response'] as { action?: string; content?: unknown } | undefined;
            if (answer === undefined)
                return inputRequired({ inputRequests: { response: form(message, { username: { type: 'string' }, email: { type: 'string' } }) } });
            return text(`action=${answer.action} content=${JSON.stringify(answer.content ?? {})}`);
        }
    );
    server.registerTool(
        'test_sampling',
        { description: 'Asks the model of the client', inputSchema: z.object({ prompt: z.string() }) },
        async (args, ctx) => {
            const answer = sampled(ctx.mcpReq.inputResponses, 'answer');
            return answer === undefined ? inputRequired({ inputRequests: { answer: prompt(args.prompt) } }) : text(`model: ${answer}`);
        }
    );
}

function addModernQuestions(server: McpServer): void {
    const none = z.object({});
    const name = { name: { type: 'string' } };
    const tool = (suffix: string, handler: (ctx: any) => Promise<any>) =>
        server.registerTool(
            `test_input_required_result_${suffix}`,
            { description: `Needs input in rounds (${suffix})`, inputSchema: none },
            (_args, ctx) => handler(ctx.mcpReq)
        );
    const sealed = (tool: string, more = {}) => state.mint({ tool, nonce: randomUUID(), ...more });

    tool('elicitation', async req => {
        const who = acceptedContent<{ name: string }>(req.inputResponses, 'user_name')?.name;
        if (typeof who === 'string') return text(`Hello, ${who}`);
        return inputRequired({ inputRequests: { user_name: form('Your name?', name) } });
    });
    tool('sampling', async req => {
        const answer = sampled(req.inputResponses, 'capital_question');
        if (answer !== undefined) return text(`model: ${answer}`);
        return inputRequired({ inputRequests: { capital_question: prompt('Which city is the capital of France?') } });
    });
    tool('list_roots', async req => {
        const roots = req.inputResponses?.client_roots?.roots;
        if (Array.isArray(roots)) return text(`roots: ${roots.map(root => root.uri).join(' ')}`);
        return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    });
    const confirm = { confirm: form('Go on?', { ok: { type: 'boolean' } }) };
    tool('request_state', async req => {
        if (acceptedContent(req.inputResponses, 'confirm') === undefined)
            return inputRequired({ inputRequests: confirm, requestState: await sealed('request_state') });
        if (req.requestState() === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'requestState is missing');
        return text('state-ok');
    });
    tool('tampered_state', async req => {
        if (req.requestState() !== undefined && acceptedContent(req.inputResponses, 'confirm') !== undefined) return text('state intact');
        return inputRequired({ inputRequests: confirm, requestState: await sealed('tampered_state') });
    });
    tool('multiple_inputs', async req => {
        const who = acceptedContent<{ name: string }>(req.inputResponses, 'user_name')?.name;
        const greeting = sampled(req.inputResponses, 'greeting');
        const roots = req.inputResponses?.client_roots?.roots;
        if (typeof who === 'string' && greeting !== undefined && Array.isArray(roots)) return text(`${greeting}, ${who}: ${roots.length}`);
        return inputRequired({
            inputRequests: { user_name: form('Your name?', name), greeting: prompt('Greet somebody'), client_roots: inputRequired.listRoots() },
            requestState: await sealed('multiple_inputs')
        });
    });
    tool('multi_round', async req => {
        const before = req.requestState() as { step?: number; who?: string } | undefined;
        if (before?.step === 2) {
            const color = acceptedContent<{ color: string }>(req.inputResponses, 'step2')?.color;
            return text(`${before.who} likes ${color}`);
        }
        if (before?.step === 1) {
            const who = acceptedContent<{ name: string }>(req.inputResponses, 'step1')?.name ?? 'nobody';
            return inputRequired({
                inputRequests: { step2: form('Your colour?', { color: { type: 'string' } }) },
                requestState: await sealed('multi_round', { step: 2, who })
            });
        }
        return inputRequired({ inputRequests: { step1: form('Your name?', name) }, requestState: await sealed('multi_round', { step: 1 }) });
    });
    tool('capabilities', async req => {
        if (req.inputResponses !== undefined) return text('answered');
        const declared = req.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
        const inputRequests = {
            ...(declared.elicitation && { user_name: form('Your name?', name) }),
            ...(declared.sampling && { greeting: prompt('Greet somebody') }),
            ...(declared.roots && { client_roots: inputRequired.listRoots() })
        };
        return Object.keys(inputRequests).length === 0 ? text('nothing may be asked') : inputRequired({ inputRequests });
    });
    server.registerTool('test_missing_capability', { description: 'Cannot work without sampling', inputSchema: none }, async (_args, ctx) => {
        const answer = sampled(ctx.mcpReq.inputResponses, 'answer');
        return answer === undefined ? inputRequired({ inputRequests: { answer: prompt('Say pong') } }) : text(answer);
    });
}

function addResources(server: McpServer): void {
    const fixed = (name: string, mimeType: string, contents: { text: string } | { blob: string }) => {
        const uri = `test://${name}`;
        server.registerResource(name, uri, { description: `Fixed content (${name})`, mimeType }, async () => ({
            contents: [{ uri, mimeType, ...contents }]
        }));
    };
    fixed('static-text', 'text/plain', { text: 'static text from the fixture' });
    fixed('static-binary', 'image/png', { blob: PIXEL });
    fixed('watched-resource', 'text/plain', { text: 'somebody may watch this' });
    server.registerResource(
        'template',
        new ResourceTemplate('test://template/{id}/data', { list: undefined }),
        { description: 'Carries its id', mimeType: 'application/json' },
        async (uri, { id }) => ({ contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id }) }] })
    );
    server.server.setRequestHandler('resources/subscribe', async () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}

function addPrompts(server: McpServer): void {
    const user = (...contents: unknown[]) => ({ messages: contents.map(content => ({ role: 'user', content })) }) as never;
    const words = (value: string) => ({ type: 'text', text: value });
    server.registerPrompt('test_simple_prompt', { description: 'Takes nothing' }, async () => user(words('a simple prompt')));
    server.registerPrompt(
        'test_prompt_with_arguments',
        { description: 'Takes two strings', argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
        async ({ arg1, arg2 }) => user(words(`arg1=${arg1} arg2=${arg2}`))
    );
    server.registerPrompt(
        'test_prompt_with_embedded_resource',
        { description: 'Embeds what it is given', argsSchema: z.object({ resourceUri: z.string() }) },
        async ({ resourceUri }) => user(embedded(resourceUri), words('read it'))
    );
    server.registerPrompt('test_prompt_with_image', { description: 'Shows a picture' }, async () => user(image, words('look')));
    server.registerPrompt('test_input_required_result_prompt', { description: 'Asks before it answers' }, (async (ctx: any) => {
        const context = acceptedContent<{ context: string }>(ctx.mcpReq.inputResponses, 'user_context')?.context;
        if (typeof context === 'string') return user(words(`in the context of ${context}`));
        return inputRequired({ inputRequests: { user_context: form('Which context?', { context: { type: 'string' } }) } });
    }) as never);
    server.server.setRequestHandler('completion/complete', async request => ({
        completion: { values: ['paris', 'park', 'party'].filter(word => word.startsWith(request.params.argument.value)) }
    }));
}

/** Builds a complete server object; the caller connects it and owns it. */
export function buildServer(host: Host): McpServer {
    const server = new McpServer(
        { name: 'gatehouse-fixture', version: '1.0.0' },
        {
            capabilities: {
                tools: { listChanged: true },
                resources: { subscribe: true, listChanged: true },
                prompts: { listChanged: true },
                logging: {},
                completions: {}
            },
            requestState: { verify: state.verify }
        }
    );
    addContentTools(server);
    addNotifyingTools(server, host);
    addLegacyQuestions(server);
    addModernQuestions(server);
    addResources(server);
    addPrompts(server);
    server.server.setRequestHandler('logging/setLevel', async () => ({}));
    return server;
}
