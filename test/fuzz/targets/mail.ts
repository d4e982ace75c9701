import { formatPatch, parseSeries, reverseSeries } from '../../../engine/patch/index.ts';
import { textsBelow } from '../fixtures.ts';
import { type FuzzTarget, must } from '../target.ts';

/** Mail, mailboxes, saved pages and diffs to a series, and back to a diff. */
export async function mail(): Promise<FuzzTarget> {
  return {
    name: 'mail',
    seeds: () => [...textsBelow('test/fixtures/patch', ['']), ...textsBelow('sample', ['.mbox'])],
    words: [
      ...['From ', 'From: ', 'Subject: [PATCH v2 1/3] ', 'Content-Type: multipart/mixed; boundary="b"\n\n'],
      ...[
        'Content-Transfer-Encoding: base64\n',
        'Content-Transfer-Encoding: quoted-printable\n',
        '--b\n',
        '--b--\n',
      ],
      ...[
        '=?utf-8?q?=41?=',
        '=\n',
        '=3D',
        '> ',
        '> > ',
        '---\n',
        '-- \n',
        'diff --git a/m.c b/m.c\n',
        '--- a/m.c\n',
      ],
      ...[
        '+++ b/m.c\n',
        '@@ -1,3 +1,4 @@ f',
        '@@ -0,0 +1 @@\n',
        '\\ No newline at end of file\n',
        'rename from x\n',
      ],
      ...[
        'GIT binary patch\n',
        'Binary files a/x and b/x differ\n',
        '-----BEGIN PGP SIGNED MESSAGE-----\n',
        '<pre>',
      ],
      ...['&lt;', '&#60;', 'old mode 100644\nnew mode 120000\n', '/dev/null', 'index 0000000..1111111\n'],
    ],
    async run(text) {
      const { value } = await parseSeries(text);
      formatPatch(value);
      formatPatch(reverseSeries(value));
      const lines = text.split(/\r\n|\r|\n/).length;
      for (const file of value.patches.flatMap((one) => one.files)) {
        for (const name of [file.newPath, file.oldPath])
          must(!(name ?? '').split('/').includes('..'), `a path leaves the tree: ${name}`);
        for (const { inputLine } of file.hunks.flatMap((hunk) => hunk.lines))
          must(inputLine >= 1 && inputLine <= lines, `line ${inputLine} of ${lines}`);
      }
    },
  };
}
