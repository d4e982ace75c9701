// The licences of what the bundles contain of others, from the bundler's own list of what went into them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i;
const RULER = '-'.repeat(80);

/**
 * The notices as one text, by package, sorted.
 * @param root the project's folder
 * @param inputs paths, from `root`, of every file that went into a bundle or is shipped beside one
 * Throws an Error that names a package which says nothing of its licence.
 */
export function thirdPartyNotices(root, inputs) {
  const folders = new Map();
  for (const input of inputs) {
    const [prefix, name] = PACKAGE.exec(input) ?? [];
    if (name !== undefined) folders.set(prefix.slice(0, -1), name);
  }
  const texts = [...folders].map(([folder, name]) => notice(path.join(root, folder), name));
  const head =
    'Kernel Lock Review contains parts of the packages below, under the licences that follow their names.\n';
  return [head, ...new Set(texts.sort())].join(`\n${RULER}\n`);
}

/** The names of the packages among `inputs`. */
export const packagesOf = (inputs) =>
  [...new Set([...inputs].flatMap((input) => PACKAGE.exec(input)?.[1] ?? []))].sort();

function notice(folder, name) {
  const { version, license, author, repository } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  if (typeof license !== 'string' && files.length === 0)
    throw new Error(`${name} ${version} says nothing of its licence: it cannot be shipped`);
  const by = typeof author === 'string' ? author : author?.name;
  const from = typeof repository === 'string' ? repository : repository?.url;
  const facts = [`${name} ${version}`, license && `Licence: ${license}`, by && `Author: ${by}`, from];
  const texts = files.sort().map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return [facts.filter(Boolean).join('\n'), ...texts].join('\n\n').replaceAll('\r\n', '\n').concat('\n');
}
