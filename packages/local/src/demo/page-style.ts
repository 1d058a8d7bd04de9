export const STYLE = `
:root { color-scheme: light dark; --ink: #14213a; --soft: #55627a; --paper: #f6f8fb; --card: #fff; --line: #dce3ee;
  --accent: #0b6e6e; --accent-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf6; --soft: #9fabc0; --paper: #0e1420; --card: #161e2d;
  --line: #2a3548; --accent: #4fd1c5; --accent-ink: #062626; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
.eyebrow { margin: 0; color: var(--accent); font-weight: 600; }
h1 { margin: .2rem 0 .6rem; font-size: clamp(1.7rem, 5vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em; }
h2 { margin: 2.5rem 0 1rem; font-size: 1.25rem; }
h3 { margin: 0; font-size: 1rem; }
.lead { max-width: 44rem; margin: 0 0 1.5rem; color: var(--soft); font-size: 1.1rem; }
.path { width: 100%; height: auto; }
.path rect { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.path rect.here { fill: var(--accent); stroke: none; }
.path text { fill: var(--ink); font: 600 15px system-ui, sans-serif; text-anchor: middle; }
.path rect.here + text { fill: var(--accent-ink); }
.path .zone { fill: var(--soft); font-weight: 400; font-size: 13px; }
.wire { stroke: var(--accent); stroke-width: 3; stroke-dasharray: 5 4; }
@media (prefers-reduced-motion: no-preference) { .wire { animation: flow 1s linear infinite; } }
@keyframes flow { to { stroke-dashoffset: -18; } }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
.card { display: flex; flex-direction: column; gap: .6rem; padding: 1.1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
.hint, label { margin: 0; color: var(--soft); font-size: .9rem; }
input { width: 100%; padding: .5rem .65rem; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 8px; font: inherit; }
button, .button { align-self: start; padding: .5rem .9rem; color: var(--accent-ink); background: var(--accent); border: 0;
  border-radius: 8px; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
output { min-height: 1.5em; font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
table { width: 100%; border-collapse: collapse; font: .85rem/1.5 ui-monospace, monospace; }
th, td { padding: .45rem .9rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: 0; }
th { width: 1%; white-space: nowrap; color: var(--soft); font-weight: 500; }
td { overflow-wrap: anywhere; }
@media (max-width: 40rem) { th, td { display: block; width: auto; } th { padding-bottom: 0; border-bottom: 0; }
  td { padding-top: 0; } .path text { font-size: 22px; } .path .zone { font-size: 20px; } }
code { font-family: ui-monospace, monospace; font-size: .92em; }
`;
