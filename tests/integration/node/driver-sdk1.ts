// The first official TypeScript SDK, which speaks the legacy era only.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import type { Peer, Plan } from './driver.ts';

export async function connect(plan: Plan): Promise<Peer> {
    const client = new Client({ name: 'driver-sdk1', version: '1.0.0' }, { capabilities: { elicitation: {} } });
    const asked: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, async request => {
        asked.push(request.params.message);
        return { action: 'accept', content: plan.words.answer as never };
    });
    const http = 'url' in plan.target ? new StreamableHTTPClientTransport(new URL(plan.target.url)) : undefined;
    const [command, ...args] = 'command' in plan.target ? plan.target.command : [''];
    const transport = http ?? new StdioClientTransport({ command, args });
    await client.connect(transport);
    return {
        asked,
        version: () => http?.protocolVersion,
        serverName: () => client.getServerVersion()?.name,
        tools: async () => (await client.listTools()).tools.map(tool => tool.name),
        resources: async () => (await client.listResources()).resources.map(resource => resource.uri),
        prompts: async () => (await client.listPrompts()).prompts.map(prompt => prompt.name),
        call: (call, options) => client.callTool(call, undefined, options),
        read: uri => client.readResource({ uri }),
        prompt: call => client.getPrompt(call as never),
        close: async () => {
            await http?.terminateSession();
            await client.close();
        }
    };
}
