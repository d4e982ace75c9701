/** Text inside a PGP clear signature (RFC 9580, 7): each line that begins with a dash got `- ` in front. */
import { dropStart, type Line } from './lines.ts';

/** Takes the dash escapes of a clear-signed text off. */
export function undash(lines: readonly Line[]): readonly Line[] {
  if (!lines.some((line) => line.text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----'))) return lines;
  let inside = false;
  return lines.map((line) => {
    if (line.text.startsWith('-----BEGIN PGP SIG')) inside = line.text.startsWith('-----BEGIN PGP SIGNED');
    return inside && line.text.startsWith('- ') ? dropStart(line, 2) : line;
  });
}
