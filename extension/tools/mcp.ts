/** `lock-review mcp`: the tools for any assistant, by the Model Context Protocol over standard input and output. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { type RunCommand, runTool } from './run-tool.ts';
import { TOOLS } from './tools.ts';

/** Serves until the client closes its end. Calls are answered one after the other: each has the machine to itself. */
export async function serveMcp(version: string, run: RunCommand): Promise<void> {
  const server = new Server(
    { name: 'lock-review', title: 'Kernel Lock Review', version },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: TOOLS.map(({ name, title, description, inputSchema }) => ({
      name,
      title,
      description,
      inputSchema: { ...inputSchema, properties: { ...inputSchema.properties } },
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    })),
  }));
  let last: Promise<unknown> = Promise.resolve();
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const tool = TOOLS.find(({ name }) => name === params.name);
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no tool '${params.name}'`);
    const answer = last.then(async (): Promise<CallToolResult> => {
      const { text, failed } = await runTool(tool, params.arguments ?? {}, {
        run,
        cwd: process.cwd(),
        env: process.env,
      });
      return { content: [{ type: 'text', text }], isError: failed };
    });
    last = answer.catch(() => {});
    return answer;
  });
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
    // The transport does not say that its input has ended.
    process.stdin.once('end', resolve);
  });
  await server.connect(new StdioServerTransport());
  await closed;
  await last;
}
