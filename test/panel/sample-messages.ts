/** A message of each kind between the panel and the editor, and a session file. */
import { type SessionFile, VERSION } from '../../media/panel/messages.ts';
import { CATALOGUE, CHOICE, SOURCE, simulation } from './fake-simulation.ts';

export const SESSION: SessionFile = {
  lockReviewSession: 1,
  inputs: { patches: [{ name: 'a.patch', text: 'diff' }], sources: [] },
  tree: null,
  document: null,
  choice: CHOICE,
  schedule: 'v1:0.1',
  position: 1,
  second: null,
};

const KEEP_ON = { type: 'keepOn', choice: CHOICE, schedule: 'v1:0.2', position: 2, second: null };

export const FROM_PANEL = [
  { type: 'ready' },
  { type: 'seek', position: 3 },
  { type: 'move', position: 0, task: 1, choices: [2] },
  { type: 'runToLine', position: 0, task: 1, file: 'mm/a.c', line: 7 },
  { type: 'choose', choice: CHOICE },
  { type: 'open', side: 0, file: 'mm/a.c', line: 1 },
  { type: 'compare', with: 'schedule', schedule: 'v1:' },
  { type: 'saveDiagram', svg: '<svg/>' },
  { type: 'saveSession' },
].map((message) => ({ version: VERSION, ...message }));

export const FROM_HOST = [
  ...simulation(),
  CATALOGUE,
  SOURCE,
  { type: 'keep', session: SESSION },
  KEEP_ON,
].map((message) => ({ version: VERSION, ...message }));
