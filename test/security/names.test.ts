/** Names that mean something to the language that this program is written in, and nothing to C, Kconfig or mail. */
import { describe, expect, it } from 'vitest';
import { parseSeries } from '../../engine/patch/index.ts';
import { DEFAULT_OPTIONS, reviewFiles, reviewPatches } from '../../engine/review/index.ts';
import { memoryTree, symbolUsers } from '../../engine/source/index.ts';
import { readConfiguration } from '../../extension/cli/project-configuration.ts';
import { readSettings } from '../../extension/server/settings.ts';
import { readPanelMessage } from '../../media/panel/messages.ts';
import { testParser } from '../engine/parser.ts';

const parser = await testParser();

/** Members that every object has, each with a plain name of the same length. */
const PAIRS = [
  ['constructor', 'konstruktor'],
  ['__proto__', '__brodo__'],
  ['toString', 'doString'],
  ['hasOwnProperty', 'hasUwnProperty'],
  ['valueOf', 'valueUf'],
  ['isPrototypeOf', 'isPrododypeOf'],
] as const;

/** Every kind of name in C that the engine looks anything up by. */
const code = (name: string) => `#define ${name}_max 3
#define call_${name}(x) ${name}(x)
struct ${name} { struct mutex ${name}; spinlock_t inner; int n; };
int __${name} __must_hold(${name});
int global_${name};

static int ${name}(struct ${name} *p) __acquires(${name})
{
	mutex_lock(&p->${name});
	if (p->n == ${name}_max)
		return ${name === '' ? 0 : 1};
	return 0;
}

int user(struct ${name} *${name}_p, int n)
{
	int err = ${name}(${name}_p);
	int ${name} = n;

	switch (${name}) {
	case 3:
		goto ${name};
	}
	if (${name} == constant_${name})
		return -EINVAL;
	call_${name}(${name}_p);
#ifdef CONFIG_${name}
	mutex_unlock(&${name}_p->${name});
#endif
${name}:
	mutex_unlock(&${name}_p->${name});
	return err;
}

int other(struct other *q)
{
	return q->${name} == ${name} ? ${name}() : q->ops->${name}(q);
}
`;

describe.each(PAIRS)('the name %s', (name, plain) => {
  const renamed = (text: string) => text.replaceAll(name, plain);

  it('is any other name in C', async () => {
    const findings = async (text: string) => {
      const { findings: found, notes } = await reviewFiles(
        [{ path: 'm.c', text }],
        null,
        DEFAULT_OPTIONS,
        parser,
      );
      const said = found.map(({ fingerprint: _, ...rest }) => rest);
      return renamed(JSON.stringify({ said, notes }));
    };
    const found = await findings(code(name));
    expect(found).toBe(await findings(code(plain)));
    expect(found).toContain('lock-leak');
  });

  it('is any other word in Kconfig, mail and diffs', async () => {
    const kconfig = (word: string) =>
      `config A\n\t${word} B\n\tbool "a"\n\tdepends on B\n${word} B\nconfig ${word}\n\tbool\n`;
    const users = (word: string) =>
      symbolUsers(memoryTree(new Map([['Kconfig', kconfig(word)]])), ['CONFIG_B', `CONFIG_${word}`]);
    expect(renamed(JSON.stringify(await users(name)))).toBe(JSON.stringify(await users(plain)));

    const mail = (word: string) =>
      `From: A <a@example.org>\n${word}: x\nContent-Type: text/html; ${word}=3; charset=${word}\nSubject: [PATCH] ${word}\n\n<html><pre>&${word};\ndiff --git a/${word}.c b/${word}.c\n--- a/${word}.c\n+++ b/${word}.c\n@@ -1 +1 @@ ${word}\n-a\n+${word}\n</pre></html>\n`;
    const series = async (word: string) => JSON.stringify(await parseSeries(mail(word)));
    expect(renamed(await series(name))).toBe(await series(plain));

    const paths = (word: string) => [
      { name: word, text: `--- a/${word}\n+++ b/${word}\n@@ -1 +1 @@\n-a\n+b\n` },
    ];
    const review = async (word: string) => {
      const { stats: _, ...rest } = await reviewPatches(
        paths(word),
        memoryTree(new Map([[word, 'a\n']])),
        DEFAULT_OPTIONS,
        parser,
      );
      return renamed(JSON.stringify(rest));
    };
    expect(await review(name)).toBe(await review(plain));
  });

  it('is refused as a rule, an option or a message', () => {
    for (const text of [
      `{"rules":{"${name}":"off"}}`,
      `{"${name}":{"polluted":1}}`,
      `{"config":{"${name}":"y"}}`,
      `{"contracts":[{"${name}":1}]}`,
    ])
      expect(readConfiguration(text, ['lock-leak']).problems).not.toEqual([]);
    readSettings(JSON.parse(`{"${name}":{"polluted":1},"rules":{"${name}":"off"},"config":{"${name}":"y"}}`));
    expect(
      readPanelMessage(JSON.parse(`{"version":1,"type":"${name}","${name}":{"polluted":1}}`)),
    ).toBeNull();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});
