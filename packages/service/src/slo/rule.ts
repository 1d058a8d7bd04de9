/** One rule of Prometheus (its manual, "Defining recording rules" and "Alerting rules"). */
export type Rule = RecordingRule | AlertingRule;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** `0s`: at once. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/** A rules file as YAML. Every text is written as JSON, which YAML 1.2 takes as it is. */
export function toYaml(groups: readonly RuleGroup[], heading: string): string {
  const lines = [`# ${heading}`, 'groups:'];
  for (const { name, interval, rules } of groups) {
    lines.push(`  - name: ${JSON.stringify(name)}`, `    interval: ${interval}`, '    rules:');
    for (const rule of rules) lines.push(...ruleLines(rule));
  }
  return `${lines.join('\n')}\n`;
}

function ruleLines(rule: Rule): string[] {
  const [first, ...rest] = Object.entries(rule).flatMap(([key, value]: [string, string | object]) => {
    if (typeof value === 'string') return [`${key}: ${JSON.stringify(value)}`];
    return [`${key}:`, ...Object.entries(value).map(([name, text]) => `  ${name}: ${JSON.stringify(text)}`)];
  });
  return [`      - ${first}`, ...rest.map((line) => `        ${line}`)];
}
