import type { IncomingMessage } from 'node:http';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';

/** The demo's one page; it needs nothing from anywhere else. */
export function page(request: IncomingMessage): string {
  const rows = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    rows.push(
      `<tr><th>${escapeHtml(request.rawHeaders[i])}</th><td>${escapeHtml(request.rawHeaders[i + 1])}</td></tr>`,
    );
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A private app, through Culvert</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
  <p class="eyebrow">A private app</p>
  <h1>You see this page through a tunnel</h1>
  <p class="lead">This app listens on loopback, on a port that nobody told your browser. It asked a gateway; an agent
  beside the app, which had dialed out, opened the connection.</p>
  ${PICTURE}
</header>
<section aria-labelledby="try">
  <h2 id="try">Try it</h2>
  <div class="cards">
    <form class="card" method="post" action="/echo">
      <h3>Form post</h3>
      <label for="words">Some words</label>
      <input id="words" name="words" value="hello, tunnel" autocomplete="off">
      <button id="post">Post the form</button>
      <p class="hint">Opens the answer: the body as the app received it.</p>
    </form>
    <div class="card">
      <h3>XHR</h3>
      <p class="hint">Fetches <code>/hello</code>.</p>
      <button id="xhr" type="button">Send a request</button>
      <output id="xhr-out" aria-live="polite"></output>
    </div>
    <div class="card">
      <h3>Upload</h3>
      <p class="hint">Makes 8 MiB in your browser, sends it to <code>/echo</code>, compares what comes back.</p>
      <button id="upload" type="button">Upload 8 MiB</button>
      <output id="upload-out" aria-live="polite"></output>
    </div>
    <div class="card">
      <h3>WebSocket</h3>
      <p class="hint">Ten messages there and back.</p>
      <button id="ws" type="button">Open a WebSocket</button>
      <output id="ws-out" aria-live="polite"></output>
    </div>
    <div class="card">
      <h3>Server-sent events</h3>
      <p class="hint">One event a second, none of them held back on the way.</p>
      <button id="sse" type="button">Listen</button>
      <output id="sse-out" aria-live="polite"></output>
    </div>
    <div class="card">
      <h3>Download</h3>
      <p class="hint">A file of any size, with the same bytes each time.</p>
      <a class="button" id="download" href="/bytes?n=10485760" download>Download 10 MiB</a>
    </div>
  </div>
</section>
<section aria-labelledby="headers">
  <h2 id="headers">What the app was asked</h2>
  <p class="request"><code>${escapeHtml(request.method)} ${escapeHtml(request.url)} HTTP/${escapeHtml(request.httpVersion)}</code></p>
  <div class="scroll"><table>${rows.join('')}</table></div>
</section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const STATIONS = ['browser', 'gateway', 'worker', 'agent', 'this app'];

const PICTURE = `<svg class="path" viewBox="0 0 740 96" role="img" aria-label="browser to gateway to worker to agent to this app">
${STATIONS.map(
  (name, index) =>
    `<g transform="translate(${index * 152 + 4} 22)"><rect class="${index === 4 ? 'here' : ''}" width="120" height="48" rx="10"/><text x="60" y="29">${name}</text></g>`,
).join('\n')}
${STATIONS.slice(1)
  .map((_, index) => `<line class="wire" x1="${index * 152 + 126}" y1="46" x2="${index * 152 + 154}" y2="46"/>`)
  .join('\n')}
<text class="zone" x="216" y="90">the cluster</text><text class="zone" x="596" y="90">your private network</text>
</svg>`;

function escapeHtml(text = ''): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
