import {
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceFolder,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { FEATURES, registerFeatures } from './features.ts';
import {
  type Commands,
  type InitializationOptions,
  RANGE_PATCHES,
  type RangePatches,
  type RangePatchesParams,
  REVIEW_NOW,
  type ReviewNowParams,
  STATUS,
  TRUSTED,
} from './messages.ts';
import { registerSeriesRequests } from './series-requests.ts';
import { createSession, type SessionOptions } from './session.ts';
import { readSettings } from './settings.ts';
import { useTexts } from './texts.ts';

export interface ServerOptions extends SessionOptions {
  readonly version: string;
  /** Told what the editor sends when it introduces itself. */
  initialize?(given: InitializationOptions): void;
}

/** Git appends to this file whenever the working tree is moved to another commit. */
const HEAD_LOG = '**/.git/logs/HEAD';

/**
 * Serves one editor over `connection`, which it starts to listen on. Everything that the editor cannot do
 * (configuration, folders, version support) has a default, so that any client works.
 */
export function startServer(connection: Connection, options: ServerOptions): void {
  const documents = new TextDocuments(TextDocument);
  let client: InitializeParams['capabilities'] = {};
  let commands: Commands | null = null;
  let folders: WorkspaceFolder[] = [];

  const session = createSession(
    {
      document: (uri) => documents.get(uri),
      documents: () => documents.all(),
      publish: (uri, diagnostics, version) =>
        void connection.sendDiagnostics({
          uri,
          diagnostics: [...diagnostics],
          ...(version === undefined ? {} : { version }),
        }),
      status: (params) => void connection.sendNotification(STATUS, params),
      log: (level, message) => connection.console[level](message),
    },
    options,
  );

  const folderPlaces = () =>
    folders.map(({ uri }) => options.workplace.placeOf(uri)).filter((place) => place !== null);

  /** Reads the settings, from the editor if it gives them when asked, else as they were sent. */
  const configure = async (sent?: unknown) => {
    const asked = client.workspace?.configuration
      ? await connection.workspace.getConfiguration('lockReview')
      : isRecord(sent) && 'lockReview' in sent
        ? sent.lockReview
        : sent;
    const { value, problems } = readSettings(asked);
    for (const problem of problems) connection.console.warn(problem);
    session.configure({ settings: value, folders: folderPlaces() });
    if (client.workspace?.codeLens?.refreshSupport) void connection.sendRequest(CodeLensRefreshRequest.type);
    if (client.workspace?.inlayHint?.refreshSupport) void connection.languages.inlayHint.refresh();
  };

  connection.onInitialize((params): InitializeResult => {
    client = params.capabilities;
    folders = params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri, name: '' }] : []);
    const given = params.initializationOptions as InitializationOptions | undefined;
    commands = given?.commands ?? null;
    useTexts(given?.texts);
    options.initialize?.(given ?? {});
    session.configure({ trusted: given?.trusted !== false, folders: folderPlaces() });
    return {
      serverInfo: { name: 'lock-review', version: options.version },
      capabilities: {
        textDocumentSync: {
          openClose: true,
          change: TextDocumentSyncKind.Incremental,
          save: { includeText: false },
        },
        ...FEATURES,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    if (client.workspace?.didChangeConfiguration?.dynamicRegistration)
      void connection.client.register(DidChangeConfigurationNotification.type, { section: 'lockReview' });
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration)
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: HEAD_LOG }],
      });
    if (client.workspace?.workspaceFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map((folder) => folder.uri));
        folders = [...folders.filter((folder) => !gone.has(folder.uri)), ...added];
        session.configure({ folders: folderPlaces() });
      });
    void configure();
  });
  connection.onDidChangeConfiguration(({ settings }) => void configure(settings));
  connection.onDidChangeWatchedFiles(() => session.configure({}));
  connection.onNotification(TRUSTED, () => session.configure({ trusted: true }));
  connection.onRequest(REVIEW_NOW, ({ uri }: ReviewNowParams) => session.reviewNow(uri));
  connection.onRequest<RangePatches, void>(RANGE_PATCHES, ({ range }: RangePatchesParams) =>
    session.rangePatches(range),
  );
  registerFeatures(
    connection,
    session,
    (uri) => documents.get(uri),
    () => commands,
  );
  registerSeriesRequests(connection, session, (uri) => documents.get(uri));
  connection.onShutdown(() => session.dispose());

  documents.onDidChangeContent(({ document }) => session.changed(document.uri));
  documents.onDidSave(({ document }) => session.saved(document.uri));
  documents.onDidClose(({ document }) => session.closed(document.uri));
  documents.listen(connection);
  connection.listen();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
