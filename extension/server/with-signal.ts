import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

/** Runs a question so that the editor's cancellation reaches the engine, and answers it as the protocol says. */
export async function withSignal<T>(
  token: CancellationToken,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const subscription = token.onCancellationRequested(() => abort.abort());
  try {
    const value = await ask(abort.signal);
    if (!token.isCancellationRequested) return value;
  } catch (error) {
    if (!token.isCancellationRequested) throw error;
  } finally {
    subscription.dispose();
  }
  throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
}
