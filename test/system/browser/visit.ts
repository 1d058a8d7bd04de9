import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { downloadBytes, EVENTS, sha256 } from './private-app.ts';

const UPLOAD_BYTES = 5_000_003;

/** Everything that a person and a page do in a browser, at the private app behind `origin`. */
export async function visit(page: Page, origin: string): Promise<void> {
  const response = await page.goto(`${origin}/`);
  assert.equal(response?.status(), 200);
  assert.equal(await page.textContent('h1'), 'A private app');
  await sendForm(page);
  await page.goto(`${origin}/`);
  await callByXhr(page);
  await upload(page);
  await exchangeMessages(page, origin.replace(/^http/, 'ws'));
  await hearEvents(page);
  await download(page);
}

async function sendForm(page: Page): Promise<void> {
  await page.fill('[name=said]', 'a & b = ü');
  await page.click('button');
  assert.equal(await page.textContent('#said'), encodeURIComponent('a & b = ü'));
}

/** As text: XMLHttpRequest is the one thing here that Node.js, and so the type checker, does not know. */
const XHR = `new Promise((resolve, reject) => {
  const call = new XMLHttpRequest();
  call.open('PUT', '/json');
  call.setRequestHeader('content-type', 'application/json');
  call.responseType = 'json';
  call.onload = () => resolve({ status: call.status, body: call.response });
  call.onerror = () => reject(new Error('the XHR failed'));
  call.send(JSON.stringify({ n: 1, words: ['ü'] }));
})`;

async function callByXhr(page: Page): Promise<void> {
  assert.deepEqual(await page.evaluate(XHR), { status: 200, body: { n: 1, words: ['ü'] } });
}

/** Bytes of a known pattern; the app tells the hash of what it got. */
async function upload(page: Page): Promise<void> {
  const { sent, got } = await page.evaluate(async (length) => {
    const body = new Uint8Array(length).map((_, at) => (at * 7 + (at >>> 11)) & 0xff);
    const answer = await fetch('/upload', { method: 'POST', body });
    return { sent: body.length, got: await answer.json() };
  }, UPLOAD_BYTES);
  const same = Buffer.from(Array.from({ length: UPLOAD_BYTES }, (_, at) => (at * 7 + (at >>> 11)) & 0xff));
  assert.deepEqual([sent, got], [UPLOAD_BYTES, { bytes: UPLOAD_BYTES, sha256: sha256(same) }]);
}

async function exchangeMessages(page: Page, origin: string): Promise<void> {
  const echoed = await page.evaluate(
    (url) =>
      new Promise<unknown[]>((resolve, reject) => {
        const socket = new WebSocket(url);
        socket.binaryType = 'arraybuffer';
        const got: unknown[] = [];
        socket.onopen = () => {
          socket.send('grüße');
          socket.send(new Uint8Array(200_000).fill(7));
        };
        socket.onmessage = ({ data }) => {
          got.push(typeof data === 'string' ? data : new Uint8Array(data).filter((byte) => byte === 7).length);
          if (got.length === 2) socket.close(1000);
        };
        socket.onclose = ({ code }) => resolve([...got, code]);
        socket.onerror = () => reject(new Error(`the WebSocket to ${url} failed`));
      }),
    `${origin}/ws`,
  );
  assert.deepEqual(echoed, ['grüße', 200_000, 1000]);
}

async function hearEvents(page: Page): Promise<void> {
  const heard = await page.evaluate(
    (count) =>
      new Promise<string[]>((resolve) => {
        const events = new EventSource('/events');
        const got: string[] = [];
        events.onmessage = ({ data, lastEventId }) => {
          got.push(data);
          void fetch(`/events/got?n=${lastEventId}`, { method: 'POST' });
          if (got.length < count) return;
          events.close();
          resolve(got);
        };
      }),
    EVENTS,
  );
  assert.deepEqual(heard, ['event 1', 'event 2', 'event 3']);
}

async function download(page: Page): Promise<void> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('a')]);
  assert.equal(file.suggestedFilename(), 'report.bin');
  assert.equal(sha256(await readFile(await file.path())), sha256(downloadBytes()));
}
