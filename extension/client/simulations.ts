export { createSimulations } from './simulation/index.ts';
