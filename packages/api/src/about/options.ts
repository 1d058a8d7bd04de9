import type { AboutLinks } from '@culvert/contracts';
import { nullable, type OptionTable, type Parser } from '@culvert/service';

const PLACEHOLDER = /\{(?:session|connection|deployment|trace)\}/g;

/** A page of another system; what stands in braces is replaced by ids. */
const linkTemplate: Parser<string> = {
  expects: 'an http:// or https:// URL, with any of {session}, {connection}, {deployment}, {trace} in it',
  parse(text) {
    const filled = text.replaceAll(PLACEHOLDER, 'x');
    const scheme = URL.parse(filled)?.protocol;
    return (scheme === 'http:' || scheme === 'https:') && !/[{}]/.test(filled) ? text : undefined;
  },
};

export interface LinksConfig {
  readonly logsUrl: string | null;
  readonly tracesUrl: string | null;
  readonly dashboardsUrl: string | null;
}

function option(flag: string, env: string, what: string): OptionTable<LinksConfig>['logsUrl'] {
  return { flag, env, parser: nullable(linkTemplate), default: null, doc: `${what}: a URL, linked from the dashboard` };
}

export const linksOptions: OptionTable<LinksConfig> = {
  logsUrl: option('--logs-url', 'CULVERT_LOGS_URL', 'where logs are read; {session}, {connection}, {deployment} in it'),
  tracesUrl: option('--traces-url', 'CULVERT_TRACES_URL', 'where traces are read; {trace}, {session} in it'),
  dashboardsUrl: option('--dashboards-url', 'CULVERT_DASHBOARDS_URL', 'where the metrics’ boards are'),
};

export function linksOf({ logsUrl, tracesUrl, dashboardsUrl }: LinksConfig): AboutLinks {
  return { logs: logsUrl, traces: tracesUrl, dashboards: dashboardsUrl };
}
