/** Runs in the browser. Without it the page still shows, posts and downloads. */
export const SCRIPT = `
const at = (id) => document.getElementById(id);
const tell = (id, text) => { at(id).textContent = text; };
const ms = (since) => Math.round(performance.now() - since) + ' ms';
function on(id, out, run) {
  at(id).addEventListener('click', () => {
    tell(out, '…');
    run((text) => tell(out, text)).catch((error) => tell(out, 'failed: ' + error.message));
  });
}
on('xhr', 'xhr-out', async (say) => {
  const since = performance.now();
  const answer = await fetch('/hello');
  say(answer.status + ' in ' + ms(since) + ': ' + (await answer.text()).trim());
});
on('upload', 'upload-out', async (say) => {
  const sent = new Uint8Array(8 * 1024 * 1024);
  for (let i = 0; i < sent.length; i += 65536) crypto.getRandomValues(sent.subarray(i, i + 65536));
  const since = performance.now();
  const answer = await fetch('/echo', { method: 'POST', body: sent });
  const back = new Uint8Array(await answer.arrayBuffer());
  const same = back.length === sent.length && back.every((byte, i) => byte === sent[i]);
  say((same ? 'every byte came back' : 'the answer differs') + ', ' + ms(since));
});
on('ws', 'ws-out', (say) => new Promise((resolve, reject) => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
  const since = performance.now();
  let echoed = 0;
  socket.onopen = () => socket.send('message 1');
  socket.onmessage = ({ data }) => {
    if (data !== 'message ' + (echoed + 1)) return reject(new Error('another message came back'));
    echoed += 1;
    if (echoed < 10) return socket.send('message ' + (echoed + 1));
    say('10 messages echoed in ' + ms(since));
    socket.close();
    resolve();
  };
  socket.onerror = () => reject(new Error('the WebSocket broke'));
}));
let events;
on('sse', 'sse-out', async (say) => {
  if (events) { events.close(); events = undefined; tell('sse', 'Listen'); say('stopped'); return; }
  events = new EventSource('/sse');
  tell('sse', 'Stop');
  say('waiting for the first event');
  events.addEventListener('tick', ({ data }) => { const tick = JSON.parse(data); say('event ' + tick.n + ' at ' + tick.at); });
  events.onerror = () => say('the stream broke; the browser tries again');
});
`;
