/** The language server as a program of its own: over the channel that its arguments name. */
import { serve } from './serve.ts';

serve();
