/** The built panel in a real browser, with an editor's part played by the test. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
// @ts-expect-error a build script, without types
import { buildPanel } from '../../esbuild.mjs';
import { panelPage } from '../../extension/simulation/page.ts';
import type { HostMessage, PanelMessage, Unversioned } from '../../media/panel/messages.ts';
import { ROOT } from '../server/bundle.ts';
import themes from './themes.json' with { type: 'json' };

export const THEMES = ['dark', 'light', 'hc-dark', 'hc-light'] as const;
export type Theme = (typeof THEMES)[number];

const ORIGIN = 'http://panel.test';
const CLASSES: Readonly<Record<Theme, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light vscode-high-contrast',
};

/** What VS Code has in every webview's page, as far as it can be seen in the panel. */
const EDITOR_STYLES = `@layer vscode-default {
  body { padding: 0 20px; }
  input:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
  code {
    color: var(--vscode-textPreformat-foreground, red);
    background-color: var(--vscode-textPreformat-background, yellow);
    padding: 1px 3px;
    border-radius: 4px;
  }
}`;

export interface PanelPage {
  readonly page: Page;
  /** What the panel has said. */
  readonly said: PanelMessage[];
  /** What went wrong in the page, violations of its content security policy among it. */
  readonly errors: string[];
  tell(...messages: readonly Unversioned<HostMessage>[]): Promise<void>;
  /** Anything at all, as it is. */
  tellRaw(message: unknown): Promise<void>;
  /** What the panel asked to be kept for it. */
  kept(): Promise<unknown>;
}

export interface PanelBrowser {
  open(options?: {
    readonly theme?: Theme;
    readonly width?: number;
    readonly height?: number;
    readonly kept?: unknown;
    readonly onSay?: (message: PanelMessage, page: PanelPage) => void;
  }): Promise<PanelPage>;
  close(): Promise<void>;
}

/** Builds the panel and starts the browser. Throws, with what to install, where there is none. */
export async function startPanelBrowser(executablePath: string): Promise<PanelBrowser> {
  const outdir = path.join(ROOT, '.vscode-test/panel');
  await buildPanel({ minify: true, outdir });
  const [script, style] = ['panel.js', 'panel.css'].map((name) =>
    readFileSync(path.join(outdir, name), 'utf8'),
  );
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND'],
  });
  return {
    async open({ theme = 'dark', width = 1000, height = 1200, kept, onSay } = {}) {
      const page = await browser.newPage({ viewport: { width, height } });
      const said: PanelMessage[] = [];
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      const html = panelPage({
        script: `${ORIGIN}/panel.js`,
        style: `${ORIGIN}/panel.css`,
        source: ORIGIN,
        nonce: 'bm9uY2U=',
      });
      await page.route(`${ORIGIN}/**`, (route) => {
        const { pathname } = new URL(route.request().url());
        const body = pathname === '/panel.js' ? script : pathname === '/panel.css' ? style : html;
        const contentType =
          pathname === '/panel.js' ? 'text/javascript' : pathname === '/panel.css' ? 'text/css' : 'text/html';
        return route.fulfill({ body: body!, contentType });
      });
      let last: Promise<void> = Promise.resolve();
      const panel: PanelPage = {
        page,
        said,
        errors,
        tell: async (...messages) => {
          for (const message of messages) await panel.tellRaw({ version: 1, ...message });
        },
        // In the order in which they were told, however many are on their way.
        tellRaw: (message) => {
          last = last.then(() => page.evaluate((data) => window.postMessage(data, '*'), message as never));
          return last;
        },
        kept: () => page.evaluate(() => (window as unknown as { kept: unknown }).kept),
      };
      await page.exposeFunction('say', (message: PanelMessage) => {
        said.push(message);
        onSay?.(message, panel);
      });
      // What runs this file without building it wraps functions in this helper, which the page has not.
      await page.addInitScript('globalThis.__name = (named) => named;');
      await page.addInitScript(
        ({ variables, classes, state, styles }) => {
          const here = window as unknown as {
            kept: unknown;
            say(message: unknown): void;
            acquireVsCodeApi(): unknown;
          };
          here.kept = state;
          here.acquireVsCodeApi = () => ({
            postMessage: (message: unknown) => here.say(message),
            getState: () => here.kept,
            setState: (next: unknown) => {
              here.kept = next;
            },
          });
          document.addEventListener('DOMContentLoaded', () => {
            document.body.className = classes;
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(styles);
            document.adoptedStyleSheets.push(sheet);
            for (const [name, value] of Object.entries(variables))
              document.documentElement.style.setProperty(name, value);
          });
        },
        { variables: themes[theme], classes: CLASSES[theme], state: kept, styles: EDITOR_STYLES },
      );
      await page.goto(`${ORIGIN}/`);
      return panel;
    },
    close: () => browser.close(),
  };
}
