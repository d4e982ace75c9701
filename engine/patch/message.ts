/** One message of an input: a mail, a post of an archive page, a commit of a log, or a bare text. */
import type { Line } from './lines.ts';
import type { Subject } from './subject.ts';

export interface MessageInfo {
  readonly subject: Subject | null;
  readonly author: string | null;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly commit: string | null;
  /** Milliseconds since 1970, or null. */
  readonly date: number | null;
  /** The text of the mail to which this part is attached; empty where it is the text itself. */
  readonly preface: readonly Line[];
  /** `log`: a commit as `git log` or `git show` prints it. */
  readonly kind: 'mail' | 'page' | 'log' | 'bare';
}

export interface Message extends MessageInfo {
  readonly body: readonly Line[];
  readonly flowed: boolean;
  /** 1-based line of the input. */
  readonly line: number;
}

export const NO_INFO: MessageInfo = {
  subject: null,
  author: null,
  messageId: null,
  inReplyTo: null,
  commit: null,
  date: null,
  preface: [],
  kind: 'bare',
};
