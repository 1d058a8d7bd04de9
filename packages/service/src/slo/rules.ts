import type { Objectives } from '@culvert/contracts';
import { type BurnAlert, burnAlertsOf, MIN_BAD } from './burn.ts';
import { burnAlertRules, burnRecordings } from './burn-rules.ts';
import { operationalRules } from './operational-rules.ts';
import { type RuleGroup, toYaml } from './rule.ts';
import { promTime } from './series.ts';

export interface AlertRuleOptions {
  /** Shorter times for tests, and for who wants other ones; default: as the objectives' window asks. */
  readonly burnAlerts?: readonly BurnAlert[];
  /** How often Prometheus looks, ms; default 30 s. */
  readonly intervalMs?: number;
  /** How long a condition has to last, ms; default: each alert's own. */
  readonly forMs?: number;
  /** More bad ones than this for a burn-rate alert; default MIN_BAD. */
  readonly minBad?: number;
  /** Nodes, registry, drains and so on, beside the objectives; default true. */
  readonly operational?: boolean;
}

const INTERVAL_MS = 30_000;

/** A rules file for Prometheus, made from the same objectives as the report. */
export function alertRules(objectives: Objectives, options: AlertRuleOptions = {}): string {
  const { burnAlerts = burnAlertsOf(objectives), intervalMs = INTERVAL_MS, minBad = MIN_BAD } = options;
  const burn = { burnAlerts, minBad, forMs: options.forMs ?? 0 };
  const interval = promTime(intervalMs);
  const groups: RuleGroup[] = [
    {
      name: 'culvert-slo',
      interval,
      rules: [...burnRecordings(objectives, burn), ...burnAlertRules(objectives, burn)],
    },
  ];
  if (options.operational !== false) {
    groups.push({ name: 'culvert-operation', interval, rules: operationalRules(options.forMs) });
  }
  return toYaml(groups, 'Made by `culvert slo rules` from the objectives; change those, not this.');
}
