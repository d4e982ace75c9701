import type { Diagnostic } from 'vscode-languageserver';

/**
 * Keeps who said what about which file. Two open patches may both have findings in one file of the tree;
 * the file shows both, and loses those of a patch that is closed or reviewed anew.
 */
export interface Publisher {
  /** Replaces all that `owner` said before. Only files whose diagnostics changed are sent again. */
  replace(owner: string, diagnostics: ReadonlyMap<string, readonly Diagnostic[]>, version: number): void;
  /** Takes back all that `owner` said. */
  clear(owner: string): void;
}

/** @param send publishes the whole list of a URI; `version` only where the URI is the reviewed document's. */
export function createPublisher(
  send: (uri: string, diagnostics: readonly Diagnostic[], version: number | undefined) => void,
): Publisher {
  const owners = new Map<string, ReadonlyMap<string, readonly Diagnostic[]>>();

  const publish = (uri: string, version: number | undefined) => {
    const all: Diagnostic[] = [];
    const seen = new Set<string>();
    for (const owner of [...owners.keys()].sort())
      for (const diagnostic of owners.get(owner)?.get(uri) ?? []) {
        // The same leftover is found through two patches of one series opened side by side: say it once.
        const { start } = diagnostic.range;
        const key = `${start.line}:${start.character}:${diagnostic.code}:${diagnostic.message}`;
        if (seen.has(key)) continue;
        seen.add(key);
        all.push(diagnostic);
      }
    send(uri, all, version);
  };

  return {
    replace(owner, diagnostics, version) {
      const before = owners.get(owner);
      owners.set(owner, diagnostics);
      const uris = new Set([...(before?.keys() ?? []), ...diagnostics.keys()]);
      for (const uri of [...uris].sort()) {
        const same = JSON.stringify(before?.get(uri)) === JSON.stringify(diagnostics.get(uri));
        if (uri === owner) publish(uri, version);
        else if (!same) publish(uri, undefined);
      }
    },
    clear(owner) {
      const before = owners.get(owner);
      if (!before) return;
      owners.delete(owner);
      for (const uri of [...before.keys()].sort()) publish(uri, undefined);
    },
  };
}
