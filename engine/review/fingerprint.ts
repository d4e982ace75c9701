/**
 * What a finding is, apart from where it happens to lie: the rule, the file and function, the lock and the
 * shape of the path. Line numbers are no part of it, so it survives edits elsewhere in the file.
 */
import type { Finding } from '../check/index.ts';

export function fingerprint(finding: Finding): string {
  return hash([finding.rule, finding.file, finding.function, finding.lock, finding.shape].join('\u0000'));
}

/** FNV-1a over UTF-16 code units, twice with different offsets: 64 bits as 16 hexadecimal digits. */
function hash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code ^ (at & 0xff), 0x01000193);
  }
  return hex(low) + hex(high);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
