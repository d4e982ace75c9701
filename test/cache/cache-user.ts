/** A program that writes, reads and deletes entries of a cache that another uses: `cache-user.ts FOLDER`. */
import fs from 'node:fs';
import { openDiskCache } from '../../extension/cache/disk-cache.ts';

const [folder = ''] = process.argv.slice(2);
const cache = openDiskCache(folder, {
  limit: 30_000,
  debug: (message) => {
    // A folder that is gone in the middle of a write is no damage.
    if (/damaged|no entry/.test(message)) process.exit(1);
  },
});
for (let round = 0; round < 60; round++) {
  for (let key = 0; key < 20; key++) {
    cache.put(`${key}`, { key, text: 'x'.repeat(200 * key) });
    const value = cache.get(`${(key * 7) % 20}`) as { key: number; text: string } | null;
    if (value !== null && value.text.length !== 200 * value.key) process.exit(2);
  }
  if (round === 30) deleteAll();
}

/** What the other program writes meanwhile may stay. */
function deleteAll(): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}
