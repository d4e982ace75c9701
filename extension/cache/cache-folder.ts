/** Where this system keeps what programs can do without. */
import path from 'node:path';

/**
 * The folder for this program's cache: below `XDG_CACHE_HOME` where that is set (the XDG base directory
 * specification: a relative one does not count), else where the system has its caches. Null where it cannot be told.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  const set = env.XDG_CACHE_HOME;
  if (set !== undefined && path.isAbsolute(set)) return path.join(set, 'lock-review');
  const home = platform === 'win32' ? env.LOCALAPPDATA : env.HOME;
  if (home === undefined || !path.isAbsolute(home)) return null;
  if (platform === 'win32') return path.join(home, 'lock-review', 'Cache');
  return path.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache', 'lock-review');
}
