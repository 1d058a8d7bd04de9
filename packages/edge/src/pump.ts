import type { IncomingMessage, OutgoingMessage } from 'node:http';
import { trailerFields } from './headers.ts';

/**
 * Moves a message's content and trailers as they come, with back-pressure and nothing kept. Headers go out with
 * the first content, or alone when none follows at once: server-sent events need that. Returns what stops it.
 */
export function pump(source: IncomingMessage, sink: OutgoingMessage): () => void {
  let begun = false;
  const onData = (chunk: Buffer): void => {
    begun = true;
    if (!sink.write(chunk)) source.pause();
  };
  const onDrain = (): void => {
    source.resume();
  };
  const onEnd = (): void => {
    begun = true;
    stop();
    if (source.rawTrailers.length > 0) sink.addTrailers(trailerFields(source.rawTrailers));
    sink.end();
  };
  const flush = setImmediate(() => {
    if (!begun) sink.flushHeaders();
  });
  const stop = (): void => {
    clearImmediate(flush);
    source.off('data', onData);
    source.off('end', onEnd);
    sink.off('drain', onDrain);
  };
  sink.on('drain', onDrain);
  source.on('end', onEnd);
  source.on('data', onData);
  return stop;
}
