/** What checking one function under one configuration gives, before configurations are compared. */
import type { Configuration } from '../c/index.ts';
import type { Finding } from './finding.ts';
import type { Report, Rule } from './rule.ts';
import type { FunctionWalk } from './walk.ts';

/** A finding under one configuration, before configurations are compared. */
export interface RawFinding {
  readonly rule: Rule;
  readonly report: Report;
  readonly finding: Omit<Finding, 'config'>;
  readonly key: string;
}

/** What one configuration gave. */
export interface ConfigurationCheck {
  readonly configuration: Configuration;
  readonly walk: FunctionWalk;
  readonly raw: readonly RawFinding[];
}
