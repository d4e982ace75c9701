import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The invariants of ARCHITECTURE.md, held against every source file's imports. */
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** From the outermost to the innermost: a folder may import those to its right, and those beside it never. */
const ORDER: readonly (readonly string[])[] = [
  ['report'],
  ['review'],
  ['check', 'simulate'],
  ['state'],
  ['protocol'],
  ['c'],
  ['source'],
  ['patch'],
];

interface Import {
  readonly file: string;
  /** As written; for a relative one the path of the file it names, from the root. */
  readonly target: string;
  readonly isType: boolean;
}

const SOURCES = ['engine', 'extension', 'media'].flatMap((folder) => filesBelow(folder));
const IMPORTS = SOURCES.flatMap(importsOf);

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** Static and dynamic imports and re-exports, comments aside. */
function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  const add = (name: string, isType: boolean) => {
    const target = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
    found.push({ file, target, isType });
  };
  for (const [, type, clause = '', name = ''] of text.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?([\w*{}\s,$]*?)\s*(?:from\s+)?['"]([^'"]+)['"]/gm,
  )) {
    const named =
      /\{([^}]*)\}/
        .exec(clause)?.[1]
        ?.split(',')
        .map((one) => one.trim()) ?? [];
    const onlyTypes =
      named.some((one) => one !== '') && named.every((one) => one === '' || one.startsWith('type '));
    add(name, type !== undefined || (onlyTypes && !/^\s*[\w$*]/.test(clause)));
  }
  for (const [, name = ''] of text.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g)) add(name, false);
  return found;
}

const part = (file: string) => file.split('/')[1] ?? '';
const level = (name: string) => ORDER.findIndex((names) => names.includes(name));
const shown = (wrong: readonly Import[]) => wrong.map(({ file, target }) => `${file} imports ${target}`);

describe('the invariants', () => {
  it('see the imports they judge', () => {
    expect(SOURCES.length).toBeGreaterThan(50);
    expect(IMPORTS).toContainEqual({
      file: 'extension/client/language-client.ts',
      target: 'vscode-languageclient/node',
      isType: false,
    });
    expect(IMPORTS).toContainEqual({
      file: 'extension/client/main.ts',
      target: 'extension/client/session.ts',
      isType: true,
    });
    expect(IMPORTS.filter((one) => one.file === 'engine/source/index.ts').length).toBeGreaterThan(3);
  });

  it('every folder of the engine has its place in the list', () => {
    const folders = readdirSync(path.join(ROOT, 'engine'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.filter((name) => level(name) < 0)).toEqual([]);
  });

  it('the engine imports no editor, no Node, no operating system', () => {
    const allowed = new Set(['web-tree-sitter', 'diff', 'postal-mime']);
    const wrong = IMPORTS.filter(
      ({ file, target, isType }) =>
        file.startsWith('engine/') &&
        !target.startsWith('engine/') &&
        !allowed.has(target) &&
        !(isType && target === 'sarif'),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it('the engine touches neither the DOM nor the globals of Node', () => {
    const global = new RegExp(
      [
        /\bprocess\.(?:env|argv|cwd|exit|std\w+|platform|nextTick|hrtime|memoryUsage|on)\b/,
        /\bBuffer\.(?:from|alloc|concat|byteLength)\b/,
        /\b(?:document\.(?:get|query|create|body|add)\w*|window\.(?:add|remove|document|location|post)\w*|navigator\.\w+|localStorage\b)/,
        /\b__(?:dirname|filename)\b/,
      ]
        .map((one) => one.source)
        .join('|'),
    );
    expect(global.test('process.env.HOME')).toBe(true);
    const wrong = SOURCES.filter((file) => file.startsWith('engine/')).filter((file) => {
      const code = readFileSync(path.join(ROOT, file), 'utf8')
        .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''");
      return global.test(code);
    });
    expect(wrong).toEqual([]);
  });

  it('imports inside the engine go down the list', () => {
    const wrong = IMPORTS.filter(({ file, target }) => {
      if (!file.startsWith('engine/') || !target.startsWith('engine/')) return false;
      if (part(file) === part(target)) return false;
      return level(part(target)) <= level(part(file));
    });
    expect(shown(wrong)).toEqual([]);
  });

  it('only the client imports vscode', () => {
    const wrong = IMPORTS.filter(
      ({ file, target }) => target === 'vscode' && !file.startsWith('extension/client/'),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it('the client, once active, has loaded neither the engine nor the language client', () => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      // A dynamic import is loaded later: only static ones count, and `importsOf` gives both.
      const code = readFileSync(path.join(ROOT, file), 'utf8');
      for (const { target, isType } of IMPORTS.filter((one) => one.file === file)) {
        if (isType || code.includes(`import('./${path.posix.basename(target)}')`)) continue;
        seen.add(target);
        if (/\.tsx?$/.test(target)) visit(target);
      }
    };
    visit('extension/client/main.ts');
    const heavy = [...seen].filter(
      (name) => name.startsWith('engine/') || name.startsWith('vscode-language'),
    );
    expect(heavy).toEqual([]);
    expect(seen).toContain('vscode');
  });

  it('the panel shares only message types with the client', () => {
    const wrong = IMPORTS.filter(({ file, target, isType }) => {
      const fromPanel = file.startsWith('media/') && /^(?:engine|extension)\//.test(target);
      const intoPanel = file.startsWith('extension/') && target.startsWith('media/');
      return (fromPanel || intoPanel) && !isType && !/\/messages?\.ts$/.test(target);
    });
    expect(shown(wrong)).toEqual([]);
  });

  it('relative imports carry their suffix and name a file that is there', () => {
    const wrong = IMPORTS.filter(
      ({ target }) =>
        /^(?:engine|extension|media|\.)/.test(target) &&
        !(path.posix.extname(target) !== '' && existsSync(path.join(ROOT, target))),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it('no file imports itself, however far round', () => {
    const graph = new Map<string, string[]>();
    for (const { file, target, isType } of IMPORTS)
      if (!isType) graph.set(file, [...(graph.get(file) ?? []), target]);
    expect(findCycle(graph)).toBeNull();
  });
});

/** A cycle of the graph as the files on it, or null. Depth first, each node once. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | null => {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle) return cycle;
  }
  return null;
}
