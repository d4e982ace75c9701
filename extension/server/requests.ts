import type { TextDocument } from 'vscode-languageserver-textdocument';
import { changesAsPatch } from './changes-as-patch.ts';
import { documentKind } from './detect.ts';
import type { FoundTree } from './find-tree.ts';
import type { ReviewRequest } from './reviewer.ts';
import type { Settings } from './settings.ts';
import type { Workplace } from './workplace.ts';

export interface Workspace {
  readonly settings: Settings;
  /** The places of the workspace's folders. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
}

/** How a document is looked at. */
export interface Subject {
  readonly request: ReviewRequest;
  /** True where the input is the document itself; false for a C file that is compared with git. */
  readonly inputIsDocument: boolean;
}

/** From documents to what the engine is to look at. */
export interface Requests {
  kindOf(document: TextDocument): ReturnType<typeof documentKind>;
  /** @param file the place of the document, or null */
  findTreeFor(file: string | null): Promise<FoundTree>;
  /** The URI of a file of the tree, as the editor spells it where it is open; null where the path leaves the tree. */
  uriInTree(root: string, file: string): string | null;
  /** What of a document is judged; null where nothing is. */
  judged(document: TextDocument, tree: FoundTree): Promise<Subject | null>;
  /** What of a document is shown: of a C file all of it, changed or not. Null where nothing is. */
  shown(document: TextDocument, tree: FoundTree): Subject | null;
}

/**
 * @param documents what is open now
 * @param generation grows whenever the world outside the documents may have changed
 */
export function createRequests(
  workplace: Workplace,
  workspace: () => Workspace,
  documents: () => readonly TextDocument[],
  generation: () => number,
): Requests {
  const kindOf = (document: TextDocument) =>
    documentKind(document.uri, document.languageId, () => document.getText());

  const common = (document: TextDocument, root: string | null) => {
    const { settings, trusted } = workspace();
    return {
      key: `${document.uri} ${document.version} ${generation()}`,
      tree: root,
      mayExecute: trusted,
      cache: settings.cache,
      // Which of them are shown as diagnostics is the editor's matter.
      all: true,
      config: settings.config,
      rules: settings.rules,
    };
  };

  /** What is open in the editor stands for what is on disk. */
  const unsavedTexts = (root: string): Record<string, string> => {
    const texts: Record<string, string> = {};
    for (const document of documents()) {
      const file = workplace.placeOf(document.uri);
      const inTree = file === null ? null : workplace.pathInTree(root, file);
      if (inTree !== null && kindOf(document) === 'c') texts[inTree] = document.getText();
    }
    return texts;
  };

  const uriInTree = (root: string, file: string): string | null => {
    const place = workplace.placeInTree(root, file);
    if (place === null) return null;
    const open = documents().find((document) => workplace.placeOf(document.uri) === place);
    return open?.uri ?? workplace.uriOf(place);
  };

  /** What a report calls the document. */
  const inputName = (uri: string): string => {
    const place = workplace.placeOf(uri);
    return place === null ? uri : workplace.nameOf(place);
  };

  const patch = (document: TextDocument, root: string | null): Subject => ({
    inputIsDocument: true,
    request: {
      ...common(document, root),
      subject: { kind: 'patches', inputs: [{ name: inputName(document.uri), text: document.getText() }] },
      overlay: {},
    },
  });

  const wholeFile = (document: TextDocument, root: string, inTree: string): Subject => {
    const { key, ...rest } = common(document, root);
    return {
      inputIsDocument: true,
      request: {
        ...rest,
        key: `${key} file`,
        subject: { kind: 'files', paths: [inTree] },
        overlay: { ...unsavedTexts(root), [inTree]: document.getText() },
      },
    };
  };

  const shown = (document: TextDocument, { root }: FoundTree): Subject | null => {
    if (kindOf(document) === 'patch') return patch(document, root);
    const file = workplace.placeOf(document.uri);
    const inTree = file === null || root === null ? null : workplace.pathInTree(root, file);
    if (workspace().settings.checkOpenFiles === 'off' || root === null || inTree === null) return null;
    return wholeFile(document, root, inTree);
  };

  const judged = async (document: TextDocument, tree: FoundTree): Promise<Subject | null> => {
    const { settings, trusted } = workspace();
    const all = shown(document, tree);
    if (all === null || all.request.subject.kind === 'patches' || settings.checkOpenFiles === 'all')
      return all;
    const [inTree = ''] = all.request.subject.paths;
    const file = workplace.placeOf(document.uri);
    const text = document.getText();
    const before = trusted && file !== null ? await workplace.headText(file) : null;
    const changes = before === null ? null : changesAsPatch(inTree, before, text);
    if (changes === null) return null;
    return {
      inputIsDocument: false,
      request: {
        ...common(document, tree.root),
        subject: { kind: 'patches', inputs: [{ name: inTree, text: changes }], shownAs: inTree },
        overlay: { ...all.request.overlay, [inTree]: before === '' ? null : before },
      },
    };
  };

  return {
    kindOf,
    judged,
    shown,
    uriInTree,
    findTreeFor: (file) =>
      workplace.findTree({
        setting: workspace().settings.tree,
        folders: workspace().folders,
        documentFolder: file === null ? null : workplace.folderOf(file),
      }),
  };
}
