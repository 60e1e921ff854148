// The second official TypeScript SDK: the legacy era, or one modern revision and nothing else.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import type { Peer, Plan } from './driver.ts';

export async function connect(plan: Plan): Promise<Peer> {
    const client = new Client(
        { name: 'driver-sdk2', version: '1.0.0' },
        {
            capabilities: { elicitation: { form: {} } },
            versionNegotiation: { mode: plan.era === 'legacy' ? 'legacy' : { pin: plan.era } }
        }
    );
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', async request => {
        asked.push(request.params.message);
        return { action: 'accept', content: plan.words.answer as never };
    });
    const http = 'url' in plan.target ? new StreamableHTTPClientTransport(new URL(plan.target.url)) : undefined;
    const [command, ...args] = 'command' in plan.target ? plan.target.command : [''];
    const transport = http ?? new StdioClientTransport({ command, args });
    await client.connect(transport);
    return {
        asked,
        version: () => client.getNegotiatedProtocolVersion?.() ?? http?.protocolVersion,
        serverName: () => client.getServerVersion()?.name,
        tools: async () => (await client.listTools()).tools.map(tool => tool.name),
        resources: async () => (await client.listResources()).resources.map(resource => resource.uri),
        prompts: async () => (await client.listPrompts()).prompts.map(prompt => prompt.name),
        call: (call, options) => client.callTool(call, options),
        read: uri => client.readResource({ uri }),
        prompt: call => client.getPrompt(call as never),
        close: async () => {
            await http?.terminateSession();
            await client.close();
        }
    };
}
