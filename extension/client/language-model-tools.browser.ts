/** A browser has no process to answer in; the manifest hides the tools where the workspace is virtual. */
export async function callTool(): Promise<never> {
  throw new Error('the tools are not available in a browser: use `lock-review mcp`');
}
