/** The status page's style sheet: colours of the dashboard, light and dark, and no text that only colour tells. */
export const STATUS_STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbfa, #16181b);
  --panel: light-dark(#ffffff, #1e2125);
  --text: light-dark(#1d2126, #e6e8ea);
  --faint: light-dark(#5b636d, #9aa3ad);
  --line: light-dark(#dfe2e5, #33383e);
  --operational: light-dark(#1a7f4b, #57c98b);
  --degraded: light-dark(#8f5700, #e5b062);
  --outage: light-dark(#b3261e, #ff8a80);
  --unknown: light-dark(#c3c8cd, #4a5057);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 52rem; padding: 1rem 1.25rem 3rem;
  background: var(--ground); color: var(--text); font: 1rem / 1.5 system-ui, sans-serif;
}
h1 { font-size: 1.1rem; font-weight: 600; color: var(--faint); margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.overall {
  margin: 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-left: 0.4rem solid var(--state);
  border-radius: 0.5rem; background: var(--panel);
}
.overall strong { display: block; font-size: 1.4rem; color: var(--state); }
.operational { --state: var(--operational); }
.degraded { --state: var(--degraded); }
.outage { --state: var(--outage); }
.unknown { --state: var(--unknown); }
.overall.unknown strong, td.unknown { color: var(--faint); }
.panel { border: 1px solid var(--line); border-radius: 0.5rem; background: var(--panel); overflow: hidden; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.5rem 1rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
th { font-weight: 600; }
td.state { color: var(--state); font-weight: 600; white-space: nowrap; }
td.unknown.state { color: var(--faint); }
td.detail, .faint, time { color: var(--faint); }
figure { margin: 0; padding: 1rem 1.25rem; }
figure svg { display: block; width: 100%; height: 3rem; }
figcaption { display: flex; justify-content: space-between; gap: 1rem; color: var(--faint); font-size: 0.9rem; }
svg rect { fill: var(--state); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 0.75rem 0 0; list-style: none;
  color: var(--faint); font-size: 0.9rem; }
.legend svg { width: 0.8rem; height: 0.8rem; margin-right: 0.4rem; display: inline-block; vertical-align: -0.05rem; }
ul.list { margin: 0; padding: 0; list-style: none; }
ul.list li { padding: 0.5rem 1rem; border-bottom: 1px solid var(--line); }
ul.list li:last-child { border-bottom: 0; }
ul.list strong { color: var(--state); }
details { padding: 0 1.25rem 0.75rem; }
summary { cursor: pointer; color: var(--faint); font-size: 0.9rem; padding: 0.25rem 0; }
.scroll { overflow-x: auto; max-height: 20rem; }
footer { margin-top: 2rem; color: var(--faint); font-size: 0.9rem; }
a { color: inherit; }
:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
@media (max-width: 34rem) {
  body { padding: 0.75rem 0.75rem 2rem; }
  th, td { padding: 0.4rem 0.6rem; }
  td.detail { display: none; }
}
@media (forced-colors: active) {
  svg rect { forced-color-adjust: none; }
}
`;
