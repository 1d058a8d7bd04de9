import type { EventGap } from '@culvert/contracts';
import type { EventEntry } from '@culvert/registry';
import { toClusterEvent } from './cluster-event.ts';

/** After which a client whose stream broke comes back, ms; browsers take it from here. */
const RETRY_MS = 2_000;

/** Each entry is written once for all who listen. */
const written = new WeakMap<EventEntry, string>();

/** Text of an entry in a text/event-stream; JSON has no line breaks, and names are ours. */
export function entryFrame(entry: EventEntry): string {
  const known = written.get(entry);
  if (known !== undefined) return known;
  const event = toClusterEvent(entry);
  const text = `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  written.set(entry, text);
  return text;
}

export function gapFrame(gap: EventGap): string {
  return `event: gap\ndata: ${JSON.stringify(gap)}\n\n`;
}

/** No event for a browser, but the place where it goes on when it comes back. */
export function placeFrame(id: string): string {
  return `id: ${id}\n\n`;
}

export function firstFrame(id: string): string {
  return `retry: ${RETRY_MS}\n${placeFrame(id)}`;
}

/** When to come back, ms, instead of what was said at the beginning. */
export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Ignored by browsers; keeps proxies from taking the stream for dead. */
export function commentFrame(text: string): string {
  return `: ${text}\n\n`;
}
