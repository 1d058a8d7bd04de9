/** A fault put into the code under test on purpose: does the simulator find it? */
export interface Mutation {
  readonly name: string;
  /** What is wrong then, for people. */
  readonly what: string;
  /** Path in the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** Not found in a thousand seeds: the likely reason. */
  readonly unseen?: string;
}

const MUX = 'packages/mux/src';
const WORKER = 'packages/worker/src';
const EDGE = 'packages/edge/src';
const AGENT = 'packages/agent/src';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'replay-offset',
    what: 'off by one in the replay: the first byte that is sent again is the one behind it',
    file: `${MUX}/send-half.ts`,
    from: 'Math.max(0, this.#acked - offset);',
    to: 'Math.max(0, this.#acked - offset + 1);',
  },
  {
    name: 'kept-too-short',
    what: 'a kept piece is let go one byte before all of it is acknowledged',
    file: `${MUX}/send-half.ts`,
    from: '(kept[first] as Buffer).length <= acked) {',
    to: '(kept[first] as Buffer).length <= acked + 1) {',
  },
  {
    name: 'ack-before-write',
    what: 'what was received is acknowledged, not what was passed on',
    file: `${MUX}/receive-half.ts`,
    from: 'return { offset: this.consumed, window: this.#limit - this.consumed };',
    to: 'return { offset: this.received, window: Math.max(this.#limit, this.received + this.window.bytes) - this.received };',
  },
  {
    name: 'no-rewind',
    what: 'what a resumed path repeats is not expected',
    file: `${MUX}/receive-half.ts`,
    from: 'this.#next = this.consumed;',
    to: '',
  },
  {
    name: 'no-trim',
    what: 'repeated bytes are not trimmed: they are passed on twice',
    file: `${MUX}/stream.ts`,
    from: 'const fresh = known === 0 ? payload : payload.subarray(known);',
    to: 'const fresh = payload;',
  },
  {
    name: 'fin-not-replayed',
    what: 'FIN is not sent again over the new path',
    file: `${MUX}/stream.ts`,
    from: 'if (this.#send.endSent && !this.#send.endAcked) this.#emitFrame(FrameType.FIN, this.#send.sent);',
    to: '',
  },
  {
    name: 'window-not-told',
    what: 'what was consumed while the resume was under way is not told',
    file: `${MUX}/stream.ts`,
    from: 'if (this.#receive.lags) this.#acknowledge();',
    to: '',
  },
  {
    name: 'writer-not-woken',
    what: 'a writer that waited for credit is not told of the credit that came with a resume',
    file: `${MUX}/stream.ts`,
    from: 'this.#closeIfDone();\n    this.#tellWritable();\n    return replayed;',
    to: 'this.#closeIfDone();\n    return replayed;',
  },
  {
    name: 'end-not-taken',
    what: 'the end flag of RESUME and RESUMED is ignored',
    file: `${MUX}/stream.ts`,
    from: 'this.#send.acknowledge(peer.offset, peer.window, peer.end);',
    to: 'this.#send.acknowledge(peer.offset, peer.window, false);',
  },
  {
    name: 'attempts-not-compared',
    what: 'an OPEN or RESUME that was overtaken on the way is taken for a new one',
    file: `${MUX}/streams.ts`,
    from: 'if (attempt <= held.attempt) {',
    to: 'if (attempt < 0) {',
    unseen: 'the agent closes its older link as soon as the streams have left it, so nothing can overtake on the way',
  },
  {
    name: 'attempts-not-counted',
    what: 'the edge does not count its attempts',
    file: `${MUX}/opening.ts`,
    from: 'stream.attempt += 1;',
    to: '',
  },
  {
    name: 'no-tombstone',
    what: 'how a stream ended is forgotten at once',
    file: `${MUX}/stream-store.ts`,
    from: 'this.#ended.set(name, ended);',
    to: '',
  },
  {
    name: 'budget-leak',
    what: 'a stream that is over gives nothing back to the budget of kept bytes',
    file: `${MUX}/send-half.ts`,
    from: 'this.#budget.release(this.#allowance - MIN_KEPT_BYTES);',
    to: '',
  },
  {
    name: 'no-detach',
    what: 'a worker that loses an agent does not tell the edges',
    file: `${WORKER}/switch.ts`,
    from: "if (end.by !== 'edge') tellDetach(circuit.edge.port, circuit.edgeStream);",
    to: '',
  },
  {
    name: 'circuit-kept',
    what: "a circuit that has moved on stays in the worker's table",
    file: `${WORKER}/switch.ts`,
    from: "circuit.agent.remove(circuit);\n    if (end.by !== 'edge') tellDetach",
    to: "if (end.by !== 'edge') tellDetach",
  },
  {
    name: 'gate-open',
    what: 'a worker that overslept serves on before it has checked its epochs',
    file: `${WORKER}/wake-guard.ts`,
    from: 'if (!this.#checking) return true;',
    to: 'return true;',
  },
  {
    name: 'own-agent-ended',
    what: 'a hint of a newer owner ends the session for good, whoever claimed it',
    file: `${WORKER}/sessions.ts`,
    from: 'if (agentId === null || agentId === actor.ticket.agentId) actor.handOff();',
    to: 'if (newerEpoch > 0) actor.close(supersededBy(true));',
  },
  {
    name: 'no-reassert',
    what: 'a registry that lost its data is not told of the sessions again',
    file: `${WORKER}/reporter.ts`,
    from: 'const outcomes = await registry.reassert(node(), sessions);',
    to: 'const outcomes = new Map<string, string>();',
  },
  {
    name: 'late-fresh-lost',
    what: 'a beat whose answer was lost is forgotten: that the registry has lost its data is never noticed',
    file: 'packages/registry/src/presence.ts',
    from: "this.#unanswered ? { ...reply, missing: { kind: 'unknown' } } : reply",
    to: 'reply',
    unseen: 'it takes a registry that loses its data while its answers are late, and a session with nothing to report',
  },
  {
    name: 'not-fenced',
    what: 'an owner that a newer epoch has replaced goes on as if it had not been told',
    file: `${WORKER}/session-actor.ts`,
    from: 'handOff(): void {\n',
    to: 'handOff(): void {\n    return;\n',
  },
  {
    name: 'claim-not-given-back',
    what: 'a claim that was carried out after its worker gave it up keeps the session',
    file: `${WORKER}/pending-claims.ts`,
    from: 'if (!this.#count.has(sessionId)) return this.#look(sessionId, epoch);',
    to: 'if (!this.#count.has(sessionId)) return;',
    unseen: 'the first report of the owner is answered that it is fenced, too',
  },
  {
    name: 'no-epoch-check',
    what: 'the agent serves opens of an owner that a newer one has replaced',
    file: `${AGENT}/supervisor.ts`,
    from: 'if (epoch >= this.#highestEpoch) this.#options.serve(pending);',
    to: 'if (epoch >= 0) this.#options.serve(pending);',
    unseen: 'the agent closes its older link as soon as the streams have left it, so no open comes over it',
  },
  {
    name: 'expired-not-reaped',
    what: 'streams that nobody comes back for are kept for ever',
    file: `${AGENT}/resume-window.ts`,
    from: 'this.store.tick();',
    to: '',
  },
  {
    name: 'one-look',
    what: 'the edge looks for a new owner when it is told of one, and not by itself',
    file: `${EDGE}/reattach-search.ts`,
    from: 'this.#cancelPause = undefined;\n      void this.#look();\n    });',
    to: 'this.#cancelPause = undefined;\n    });',
  },
  {
    name: 'credit-of-the-end',
    what: 'the answer for a stream that has ended in good order is taken for one that takes credit back',
    file: `${MUX}/send-half.ts`,
    from: 'if (!end && offset + window < this.#told)',
    to: 'if (offset + window < this.#told)',
  },
];

/** The source with the fault in it. @throws when the text to change is not there exactly once */
export function mutated({ file, from, to }: Mutation, source: string): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`);
  return parts.join(to);
}
