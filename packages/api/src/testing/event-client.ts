import assert from 'node:assert/strict';

/** One block of a text/event-stream. */
export interface Block {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly comment?: string;
}

const DEADLINE_MS = 10_000;

/** Reads a text/event-stream block by block. */
export class EventClient implements AsyncDisposable {
  readonly response: Response;
  readonly #blocks: AsyncGenerator<Block>;
  readonly #abort: AbortController;
  /** Id that it would come back with. */
  lastId = '';

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#blocks = blocksOf(response);
  }

  /** Resolves with the head of the answer, whatever its status. */
  static async open(url: string, key: string, headers: Record<string, string> = {}): Promise<EventClient> {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), accept: 'text/event-stream', ...headers },
      signal: abort.signal,
    });
    return new EventClient(response, abort);
  }

  /** undefined: the stream has ended. Rejects after 10 s of silence. */
  async next(): Promise<Block | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('nothing came within 10 s')), DEADLINE_MS);
    });
    try {
      const { value, done } = await Promise.race([this.#blocks.next(), late]);
      if (done) return undefined;
      if (value.id !== undefined) this.lastId = value.id;
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next event; comments and places are passed over. */
  async event(): Promise<Block> {
    for (;;) {
      const block = await this.next();
      assert.ok(block, 'the stream has ended');
      if (block.event !== undefined) return block;
    }
  }

  /** The next comment. */
  async comment(): Promise<string> {
    for (;;) {
      const block = await this.next();
      assert.ok(block, 'the stream has ended');
      if (block.comment !== undefined) return block.comment;
    }
  }

  /** The field `n` of so many events. */
  async numbers(count: number): Promise<number[]> {
    const numbers: number[] = [];
    while (numbers.length < count) {
      const { data } = await this.event();
      const fields = data?.fields;
      numbers.push(Number(typeof fields === 'object' && fields !== null && 'n' in fields ? fields.n : Number.NaN));
    }
    return numbers;
  }

  close(): void {
    this.#abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

async function* blocksOf(response: Response): AsyncGenerator<Block> {
  assert.ok(response.body);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) yield toBlock(part);
  }
}

function toBlock(text: string): Block {
  const block: { id?: string; event?: string; data?: Record<string, unknown>; comment?: string } = {};
  for (const line of text.split('\n')) {
    if (line.startsWith('id: ')) block.id = line.slice(4);
    if (line.startsWith('event: ')) block.event = line.slice(7);
    if (line.startsWith('data: ')) block.data = JSON.parse(line.slice(6));
    if (line.startsWith(': ')) block.comment = line.slice(2);
  }
  return block;
}
