import type { StatusReport, StatusState } from '@culvert/contracts';
import { formatShare } from '@culvert/service';

/** Widths in the picture's own units: a bar and the gap after it. */
const BAR = 7;
const STEP = 10;
const HEIGHT = 40;

const WORD: Readonly<Record<StatusState, string>> = {
  operational: 'Operational',
  degraded: 'Degraded',
  outage: 'Outage',
  unknown: 'No data',
};
/** Not by colour alone: worse days are taller. */
const TALL: Readonly<Record<StatusState, number>> = { unknown: 8, operational: 24, degraded: 32, outage: HEIGHT };
const NAME = { connections: 'Connections', sessions: 'Sessions', api: 'API', probes: 'Own checks' } as const;

/** The status page: one document without scripts. Everything in it comes from a StatusReport, and is escaped all the same. */
export function statusPage(report: StatusReport, options: { readonly json: string; readonly own: boolean }): string {
  const title = `${WORD[report.state]} · Culvert status`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/dashboard/icon.svg">
<link rel="stylesheet" href="/status.css">
</head>
<body>
<header><h1>Culvert status${options.own ? ' of your sessions and connections' : ''}</h1></header>
<main>
<p class="overall ${report.state}" role="status"><strong>${WORD[report.state]}</strong> ${escapeHtml(report.summary)}</p>
${components(report)}
${days(report)}
${incidents(report)}
${notes(report)}
</main>
<footer>As of ${time(report.at)} · days and times are of UTC · <a href="${escapeHtml(options.json)}">as JSON</a></footer>
</body>
</html>
`;
}

function components({ components: all }: StatusReport): string {
  const rows = all.map(
    ({ name, state, detail }) =>
      `<tr><th scope="row">${NAME[name]}</th><td class="state ${state}">${WORD[state]}</td>` +
      `<td class="detail">${escapeHtml(detail)}</td></tr>`,
  );
  return `<section aria-labelledby="now"><h2 id="now">Now</h2><div class="panel"><table><tbody>${rows.join('\n')}
</tbody></table></div></section>`;
}

function days({ days: all }: StatusReport): string {
  if (all.length === 0) return '';
  const bars = all.map(({ day, state }, i) => {
    const tall = TALL[state];
    const at = `x="${i * STEP}" y="${HEIGHT - tall}" width="${BAR}" height="${tall}"`;
    return `<rect class="${state}" ${at} rx="1"><title>${day}: ${WORD[state]}</title></rect>`;
  });
  const label = `State of each of the last ${all.length} days; the table below has the same in words.`;
  const rows = all
    .toReversed()
    .map(
      ({ day, state, connectionSuccess, sessionAvailability }) =>
        `<tr><th scope="row">${day}</th><td class="state ${state}">${WORD[state]}</td>` +
        `<td>${share(connectionSuccess)}</td><td>${share(sessionAvailability)}</td></tr>`,
    );
  return `<section aria-labelledby="days"><h2 id="days">Last ${all.length} days</h2><div class="panel">
<figure>
<svg viewBox="0 0 ${all.length * STEP - (STEP - BAR)} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
${bars.join('\n')}
</svg>
<figcaption><span>${all[0]?.day}</span><span>today</span></figcaption>
${legend()}
</figure>
<details><summary>Day by day</summary><div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">Day</th><th scope="col">State</th><th scope="col">Connections opened</th><th scope="col">Sessions usable</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>
</div></section>`;
}

function legend(): string {
  const items = (['operational', 'degraded', 'outage', 'unknown'] as const).map(
    (state) =>
      `<li><svg viewBox="0 0 8 8" aria-hidden="true"><rect class="${state}" width="8" height="8"/></svg>${WORD[state]}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

function incidents({ incidents: all }: StatusReport): string {
  const items = all.map(({ from, to, about, state }) => {
    const names = about.map((one) => NAME[one]).join(', ');
    const until = to === null ? 'until now' : `to ${time(to)}`;
    return `<li class="${state}"><strong>${WORD[state]}</strong>: ${names} <span class="faint">from ${time(from)} ${until}</span></li>`;
  });
  const list = items.length > 0 ? `<ul class="list">${items.join('\n')}</ul>` : NOTHING;
  return `<section aria-labelledby="incidents"><h2 id="incidents">Incidents of the last days</h2><div class="panel">${list}</div></section>`;
}

function notes({ notes: all }: StatusReport): string {
  const items = all.map(({ at, text }) => `<li>${escapeHtml(text)} ${time(at)}</li>`);
  const list = items.length > 0 ? `<ul class="list">${items.join('\n')}</ul>` : NOTHING;
  return `<section aria-labelledby="notes"><h2 id="notes">Maintenance</h2><div class="panel">${list}</div></section>`;
}

const NOTHING = '<ul class="list"><li class="faint">None.</li></ul>';

function share(value: number | null): string {
  // Cut, not rounded: what is not all must not look like all.
  return value === null ? '–' : formatShare(Math.floor(value * 1e5) / 1e5);
}

function time(iso: string): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 16).replace('T', ' '))}</time>`;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPED[letter] ?? letter);
}
