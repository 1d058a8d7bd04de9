/** What a text/event-stream may hold at once before its block ends; longer ones are no answer of the API. */
const MAX_BLOCK_CHARS = 1_000_000;

/** One block of a text/event-stream. */
export interface EventBlock {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Cuts a text/event-stream into its blocks; `onBytes` is called for each sign of life. Comments are left out. */
export async function* eventBlocks(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<EventBlock, void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    onBytes();
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n\r?\n/);
    rest = parts.pop() ?? '';
    if (rest.length > MAX_BLOCK_CHARS) throw new Error('the stream of events has a line without end');
    for (const part of parts) yield toBlock(part);
  }
}

function toBlock(text: string): EventBlock {
  const block: { id?: string; event?: string; data?: string } = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^(id|event|data): ?(.*)$/.exec(line);
    if (!match) continue;
    const [, name = '', value = ''] = match;
    if (name === 'id') block.id = value;
    else if (name === 'event') block.event = value;
    else block.data = block.data === undefined ? value : `${block.data}\n${value}`;
  }
  return block;
}
