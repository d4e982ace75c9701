/** Writing a report: to standard output, or to a file so that a reader never sees half of it. */
import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode, type Host, reasonOf, UserError } from './host.ts';

/**
 * Writes the report to `file`, or to standard output where it is null. A reader that went away (`| head`) is no
 * error: it has seen what it wanted.
 * @throws UserError where the report cannot be written.
 */
export async function writeReport(host: Host, file: string | null, text: string): Promise<void> {
  if (file !== null && file !== '-') {
    writeFileAtomically(resolve(host.cwd, file), file, text);
    return;
  }
  try {
    await host.stdout.write(text);
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') {
      throw new UserError(`cannot write the report to standard output: ${reasonOf(error)}`);
    }
  }
}

/**
 * Writes beside the target and renames over it. What is no regular file (a device, a FIFO) is written to as it
 * is, since a rename would replace it; a symbolic link is followed.
 * @param name what the user called it.
 */
function writeFileAtomically(path: string, name: string, text: string): void {
  const fail = (error: unknown) => new UserError(`cannot write '${name}': ${reasonOf(error)}`);
  let target = path;
  let mode = 0o666;
  try {
    target = realpathSync(path);
    const stats = statSync(target);
    if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!stats.isFile()) {
      writeDirectly(target, text);
      return;
    }
    mode = stats.mode & 0o777;
  } catch (error) {
    // A new file; a directory that is missing shows when the temporary one is opened.
    if (errorCode(error) !== 'ENOENT') throw fail(error);
  }
  const temporary = join(dirname(target), `.${basename(target).slice(0, 100)}.${process.pid}.tmp`);
  let made = false;
  try {
    const handle = openSync(temporary, 'wx', mode);
    made = true;
    try {
      writeAll(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, target);
  } catch (error) {
    if (made) removeQuietly(temporary);
    throw errorCode(error) === 'ENOENT'
      ? new UserError(`cannot write '${name}': there is no directory '${dirname(name)}'`)
      : fail(error);
  }
}

function writeDirectly(path: string, text: string): void {
  const handle = openSync(path, 'w');
  try {
    writeAll(handle, text);
  } finally {
    closeSync(handle);
  }
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}

/** The error that led here is the one to tell; a leftover that cannot be removed changes nothing about it. */
function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}
