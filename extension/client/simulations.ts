export { showPathActions } from './show-path.ts';
export { createSimulations } from './simulation/index.ts';
