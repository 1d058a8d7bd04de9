import type { ServerResponse } from 'node:http';
import { type KubeObject, StatusError } from './objects.ts';
import type { KubeStore, StoreEvent } from './store.ts';

export interface WatchQuery {
  readonly kind: string;
  readonly from: string;
  readonly timeoutSeconds: number;
  readonly bookmarks: boolean;
  readonly selects: (object: KubeObject) => boolean;
}

/**
 * A watch: JSON lines until its time is up. One that is too old is answered 200 with an ERROR event, as API servers do. What
 * leaves the selection is told as DELETED, what enters it as ADDED.
 */
export function streamWatch(store: KubeStore, query: WatchQuery, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const send = (type: string, object: object): void => void response.write(`${JSON.stringify({ type, object })}\n`);
  const selected = new Set(
    store
      .list(query.kind)
      .filter(query.selects)
      .map(({ metadata }) => metadata.uid),
  );
  const onEvent = ({ type, object }: StoreEvent): void => {
    if (object.kind !== query.kind) return;
    const { uid } = object.metadata;
    const was = selected.has(uid);
    const is = type !== 'DELETED' && query.selects(object);
    if (is) selected.add(uid);
    else selected.delete(uid);
    if (is) send(was ? type : 'ADDED', object);
    else if (was || (type === 'DELETED' && query.selects(object))) send('DELETED', object);
  };
  let stop = (): void => undefined;
  try {
    stop = store.watch(Number(query.from), onEvent);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    send('ERROR', error.toJSON());
    response.end();
    return;
  }
  const timer = setTimeout(() => {
    const metadata = { resourceVersion: String(store.version) };
    if (query.bookmarks) send('BOOKMARK', { kind: query.kind, apiVersion: 'v1', metadata });
    response.end();
  }, query.timeoutSeconds * 1_000);
  response.once('close', () => {
    clearTimeout(timer);
    stop();
  });
}
