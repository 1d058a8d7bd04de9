import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { type DemoApp, startDemoApp } from './app.ts';
import { byteAt } from './endpoints.ts';

let app: DemoApp;
let base: string;
before(async () => {
  app = await startDemoApp();
  base = `http://127.0.0.1:${app.port}`;
});
after(() => app.close());

test('the page explains itself, asks nothing from elsewhere, and shows headers without running them', async () => {
  const answer = await fetch(base, { headers: { 'x-probe': '<script>alert(1)</script>' } });
  const html = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(html, /through a tunnel/);
  assert(!html.includes('<script>alert(1)'), 'a header is escaped');
  assert.match(html, /&#60;script&#62;alert\(1\)/);
  assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
});

test('hello, status and slow answer; nonsense is refused', async () => {
  assert.match(await (await fetch(`${base}/hello`)).text(), /^Hello from a private app/);
  for (const status of [200, 204, 304, 404, 503])
    assert.equal((await fetch(`${base}/status/${status}`)).status, status);
  assert.equal(await (await fetch(`${base}/slow?ms=5`)).text(), 'that took 5 ms\n');
  for (const path of [
    '/status/99',
    '/status/100',
    '/status/x',
    '/bytes?n=-1',
    '/bytes?n=x',
    '/slow?ms=',
    '/sse?every=0',
  ]) {
    assert.equal((await fetch(base + path)).status, 400, path);
  }
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
});

test('echo returns the body with its type', async () => {
  const body = crypto.getRandomValues(new Uint8Array(60_000));
  const answer = await fetch(`${base}/echo`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-probe' },
  });
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), body);
  assert.equal(answer.headers.get('content-type'), 'application/x-probe');
  const form = await fetch(`${base}/echo`, { method: 'POST', body: new URLSearchParams({ words: 'a b' }) });
  assert.equal(await form.text(), 'words=a+b');
  assert.match(form.headers.get('content-type') ?? '', /^text\/plain/);
});

test('bytes are the pattern, as many as asked for', async () => {
  for (const n of [0, 1, 65_521, 200_000]) {
    const answer = await fetch(`${base}/bytes?n=${n}`);
    const got = Buffer.from(await answer.arrayBuffer());
    assert.equal(answer.headers.get('content-length'), String(n));
    assert.deepEqual(got, Buffer.from(Array.from({ length: n }, (_, i) => byteAt(i))));
  }
});

test('server-sent events come one by one and end after count', async () => {
  const body = await (await fetch(`${base}/sse?every=1&count=3`)).text();
  assert.deepEqual(body.match(/^id: \d+$/gm), ['id: 1', 'id: 2', 'id: 3']);
  assert.match(body, /event: tick\ndata: \{"n":1,/);
});

test('the WebSocket echoes text as text and binary as binary', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}/ws`);
  await once(socket, 'open');
  socket.send('ping');
  const [text, textIsBinary] = await once(socket, 'message');
  assert.deepEqual([String(text), textIsBinary], ['ping', false]);
  socket.send(Buffer.from([0, 255]));
  const [bytes, bytesAreBinary] = await once(socket, 'message');
  assert.deepEqual([bytes, bytesAreBinary], [Buffer.from([0, 255]), true]);
  socket.close();
  await once(socket, 'close');
});

test('as a child process it reports its port, and ends when told or when its parent is gone', async () => {
  for (const end of ['SIGTERM', 'disconnect'] as const) {
    const child = fork(new URL('./main.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [message] = await once(child, 'message');
    assert.equal(message.type, 'ready');
    const held = await fetch(`http://127.0.0.1:${message.port}/sse`);
    if (end === 'SIGTERM') child.kill('SIGTERM');
    else child.disconnect();
    assert.deepEqual(await once(child, 'exit'), [0, null], end);
    await assert.rejects(held.text(), 'a stream that never ends does not keep it');
  }
});
