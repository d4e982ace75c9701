/** The addresses of what the panel's page loads, and where they may come from. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** What the content security policy calls the place of the style sheet. */
  readonly source: string;
  /** A number that is new for each page: only a script that carries it runs. */
  readonly nonce: string;
}

/** The panel's page. It loads its own script and style sheet and nothing else. */
export function panelPage({ script, style, source, nonce }: PageParts): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Lock simulation</title>
</head>
<body>
<div id="panel"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
