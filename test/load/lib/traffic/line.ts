/** Bytes to the private app's echo and back, over a tunnel or a WebSocket. */
export interface Line {
  send(bytes: Buffer): void;
  onBytes(listener: (bytes: Buffer) => void): void;
  /** Ends it in good order. Resolves when the app has ended it, too; rejects when it was broken off instead. */
  end(): Promise<void>;
  destroy(): void;
  /** Resolves with the reason when it is gone; whoever has not asked for that has lost it. */
  readonly gone: Promise<string>;
}

/** It was open, and broke. */
export class ConnectionLost extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`the connection was lost: ${reason}`);
    this.reason = reason;
  }
}
