/** C and patches that no person writes and somebody will send: each of a size that can be chosen. */
const repeat = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

const inFunction = (body: string) =>
  `#include <linux/mutex.h>\nint f(struct s *s, int x)\n{\n\tmutex_lock(&s->lock);\n${body}\tmutex_unlock(&s->lock);\n\treturn 0;\n}\n`;

/** C files by what is wrong with them; each has the function `f`, which takes a lock and gives it back. */
export const PATHOLOGICAL_C: Readonly<Record<string, (size: number) => string>> = {
  branches: (size) => inFunction(repeat(size, (at) => `\tif (x == ${at})\n\t\tg${at}(s);\n`)),
  'locks in branches': (size) =>
    inFunction(
      repeat(
        size,
        (at) =>
          `\tif (s->a${at})\n\t\tspin_lock(&s->b${at});\n\tif (s->a${at})\n\t\tspin_unlock(&s->b${at});\n`,
      ),
    ),
  labels: (size) =>
    inFunction(repeat(size, (at) => `\tif (g(${at}))\n\t\tgoto l${(at * 7919) % size};\nl${at}:\n\tg(s);\n`)),
  'a switch': (size) =>
    inFunction(`\tswitch (x) {\n${repeat(size, (at) => `\tcase ${at}:\n\t\tg(${at});\n`)}\t}\n`),
  'statements in a row': (size) => inFunction(repeat(size, (at) => `\ts->a${at % 100} = ${at};\n`)),
  'nested blocks': (size) => inFunction(`${'{'.repeat(size)}g(s);${'}'.repeat(size)}\n`),
  'nested parentheses': (size) => inFunction(`\tx = ${'('.repeat(size)}1${')'.repeat(size)};\n`),
  'nested conditions': (size) =>
    inFunction(`${repeat(size, (at) => `if (s->a${at}) {\n`)}g(s);\n${'}\n'.repeat(size)}`),
  'a long sum': (size) => inFunction(`\tx = ${repeat(size, (at) => `s->a${at} + `)}1;\n`),
  'nested #if': (size) =>
    inFunction(`${repeat(size, (at) => `#ifdef CONFIG_A${at}\n`)}\tg(s);\n${'#endif\n'.repeat(size)}`),
  '#if in a row': (size) => inFunction(repeat(size, (at) => `#ifdef CONFIG_A${at}\n\tg(${at});\n#endif\n`)),
  'an #elif chain': (size) =>
    inFunction(
      `#if defined(CONFIG_A)\n${repeat(size, (at) => `#elif defined(CONFIG_A${at})\n\tg(${at});\n`)}#endif\n`,
    ),
  'one line': (size) => inFunction(`\t/* ${'x'.repeat(size)} */\n`),
  'unclosed everything': (size) => inFunction(`${'({['.repeat(size)}\n`),
  calls: (size) =>
    `${repeat(size, (at) => `static void c${at + 1}(struct s *s);\nstatic void c${at}(struct s *s)\n{\n\tmutex_lock(&s->m${at});\n\tc${at + 1}(s);\n\tmutex_unlock(&s->m${at});\n}\n`)}static void c${size}(struct s *s) { }\n${inFunction('\tc0(s);\n')}`,
};

const HEAD = 'diff --git a/m.c b/m.c\n--- a/m.c\n+++ b/m.c\n';

/** Patches, the same way. */
export const PATHOLOGICAL_PATCHES: Readonly<Record<string, (size: number) => string>> = {
  hunks: (size) => HEAD + repeat(size, (at) => `@@ -${at * 10 + 1} +${at * 10 + 1} @@\n-a${at}\n+b${at}\n`),
  'empty hunks': (size) => HEAD + '@@ -1 +1 @@\n'.repeat(size),
  files: (size) =>
    repeat(
      size,
      (at) => `diff --git a/m${at}.c b/m${at}.c\n--- a/m${at}.c\n+++ b/m${at}.c\n@@ -1 +1 @@\n-a\n+b\n`,
    ),
  'a mailbox': (size) =>
    repeat(
      size,
      (at) =>
        `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\nSubject: [PATCH ${at}] m\n\n---\n${HEAD}@@ -1 +1 @@\n-a\n+b\n-- \n2.1\n\n`,
    ),
  'one line': (size) => `${HEAD}@@ -1 +1 @@\n-a\n+${'x'.repeat(size)}\n`,
  quotes: (size) => `${HEAD}@@ -1 +1 @@\n-a\n+b\n`.replaceAll(/^/gm, '> '.repeat(size)),
  'mail headers': (size) =>
    `From: A <a@b.c>\n${repeat(size, (at) => `X-H${at}: ${at}\n`)}Subject: [PATCH] m\n\n${HEAD}@@ -1 +1 @@\n-a\n+b\n`,
  'encoded words': (size) =>
    `From: A <a@b.c>\nSubject: ${'=?utf-8?q?=41?= '.repeat(size)}\n\n${HEAD}@@ -1 +1 @@\n-a\n+b\n`,
};
