import type { Vu } from '../lib/index.ts';

const PAGE_BYTES = [2_000, 20_000, 200_000] as const;
const FORM_BYTES = 4_000;

/** A person at a page: a few requests on kept connections, a form that is sent, and a while of reading. */
export async function browse(vu: Vu, thinkSeconds = 0.2): Promise<void> {
  await vu.group('page', async () => {
    const page = await vu.http.get('/hello');
    vu.check(page, { 'the page is there': ({ status }) => status === 200 });
    for (const bytes of PAGE_BYTES) {
      const part = await vu.http.download(bytes);
      vu.check(part, { 'every part of the page is right': (one) => one.status === 200 && one.wrongBytes === 0 });
    }
  });
  const sent = await vu.http.upload(FORM_BYTES);
  vu.check(sent, { 'the form came back as it was sent': (one) => one.status === 200 && one.wrongBytes === 0 });
  await vu.sleep(thinkSeconds * (0.5 + vu.random.next()));
}

/** A tunnel and a WebSocket, each in use for a while. */
export async function converse(
  vu: Vu,
  talk: { readonly for: string; readonly every: string; readonly bytes?: number },
): Promise<void> {
  const tunnel = await vu.connect((conversation) => conversation.talk(talk));
  vu.check(tunnel, {
    'the tunnel opened': ({ status }) => status === 200,
    'the tunnel held': ({ lost }) => lost === undefined,
  });
  const socket = await vu.websocket((conversation) => conversation.talk(talk));
  vu.check(socket, {
    'the WebSocket opened': ({ status }) => status === 101,
    'the WebSocket held': ({ lost }) => lost === undefined,
  });
}
