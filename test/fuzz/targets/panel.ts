import { readHostMessage, readPanelMessage, readSession, VERSION } from '../../../media/panel/messages.ts';
import { FROM_HOST, FROM_PANEL, SESSION } from '../../panel/sample-messages.ts';
import { type FuzzTarget, must } from '../target.ts';

/** What crosses between the panel's page and the editor, either way, and the sessions that are saved of it. */
export async function panel(): Promise<FuzzTarget> {
  return {
    name: 'panel',
    seeds: () => [...FROM_PANEL, ...FROM_HOST, SESSION].map((message) => JSON.stringify(message)),
    words: [
      ...['"version":1', '"version":2', '"type":"seek"', '"type":"open"', '"type":"choose"', '"type":"save"'],
      ...['"position":-1', '"position":1e12', '"task":99', '"file":"../../etc/passwd"', '"schedule":"v1:9"'],
      ...['"lockReviewSession":1', '"__proto__":{"a":1}', '"constructor"', 'null', '[]', '{}', '1e999'],
    ],
    run(text) {
      let data: unknown;
      try {
        data = JSON.parse(text);
      } catch {
        return;
      }
      for (const message of [readPanelMessage(data), readHostMessage(data)]) {
        if (message === null) continue;
        must(message.version === VERSION, `a message of version ${message.version} was read`);
        if ('position' in message)
          must(Number.isInteger(message.position) && message.position >= 0, 'a position that is none');
        const again = JSON.stringify(message);
        must(
          JSON.stringify(readPanelMessage(JSON.parse(again)) ?? readHostMessage(JSON.parse(again))) === again,
          'what was read is not read again',
        );
      }
      const { session, problem } = readSession(data);
      must((session === null) === (problem !== null), 'a session that is neither read nor refused');
      must(!('a' in {}), 'a message has changed what every object is');
    },
  };
}
