export type { Question } from './questions.ts';
export type { Reviewer, ReviewRequest } from './reviewer.ts';
export { serve } from './serve.ts';
export { type ServerOptions, startServer } from './server.ts';
