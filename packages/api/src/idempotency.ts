import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { CulvertError, type Logger } from '@culvert/base';
import type { Idempotency } from '@culvert/registry';
import type { ClusterSecret } from '@culvert/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from './access.ts';

const HEADER = 'idempotency-key';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface StoredAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface IdempotencyOptions {
  readonly store: Idempotency;
  readonly secret: ClusterSecret;
  readonly logger: Logger;
}

/**
 * Makes every POST that carries an `Idempotency-Key` run once: a repetition gets the first one's answer again.
 * Only successful answers are kept; after a failure nothing has happened, and a repetition runs.
 */
export function installIdempotency(app: FastifyInstance, options: IdempotencyOptions): void {
  const { store, secret, logger } = options;
  const running = new WeakMap<FastifyRequest, string>();

  // After the body is read and checked (it is part of the fingerprint), before the handler.
  app.addHook('preHandler', async (request, reply) => {
    const given = keyOf(request);
    if (given === undefined) return;
    const key = storageKey(request, given);
    const answer = await store.begin(key, fingerprint(request));
    switch (answer.outcome) {
      case 'new':
        running.set(request, key);
        return;
      case 'done':
        return replay(reply, open(secret, key, answer.response));
      case 'in_progress':
        throw new CulvertError('idempotency_conflict', 'The first request with this key still runs.', {
          retryAfterSeconds: 1,
        });
      case 'conflict':
        throw new CulvertError('idempotency_conflict', 'This key was used with another request.', {
          fix: 'Use a new Idempotency-Key for each new request.',
        });
    }
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const key = running.get(request);
    if (key === undefined) return;
    running.delete(request);
    try {
      if (reply.statusCode >= 300) await store.abandon(key);
      else await store.finish(key, seal(secret, key, storedAnswer(reply, payload)));
    } catch (error) {
      // The request itself is done, and its answer true: only a repetition would not know of it.
      logger.warn({ event: 'idempotency.not_stored', err: error }, 'an answer could not be kept for repetitions');
    }
  });
}

function keyOf(request: FastifyRequest): string | undefined {
  const given = request.headers[HEADER];
  if (given === undefined || request.method !== 'POST') return undefined;
  if (request.routeOptions.config.access === 'anyone') return undefined; // nobody's, and a cookie is not repeated
  if (typeof given === 'string' && /^[\x21-\x7e]{1,255}$/.test(given)) return given;
  throw new CulvertError('invalid_request', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
}

/** Keys of one caller never meet those of another. */
function storageKey(request: FastifyRequest, given: string): string {
  return sha256(JSON.stringify([principalOf(request).keyId, given]));
}

function fingerprint(request: FastifyRequest): string {
  return sha256(JSON.stringify([request.method, request.url, request.body ?? null]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function storedAnswer(reply: FastifyReply, payload: unknown): StoredAnswer {
  return {
    status: reply.statusCode,
    type: String(reply.getHeader('content-type') ?? ''),
    body: typeof payload === 'string' ? payload : '',
  };
}

function replay(reply: FastifyReply, answer: StoredAnswer): FastifyReply {
  if (answer.type !== '') reply.type(answer.type);
  return reply.code(answer.status).header('idempotency-replayed', 'true').serializer(String).send(answer.body);
}

/** Answers may hold keys and passwords, and Redis may be backed up: what is stored is encrypted. */
function seal(secret: ClusterSecret, key: string, answer: StoredAnswer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret.key('idempotency'), nonce).setAAD(Buffer.from(key));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function open(secret: ClusterSecret, key: string, stored: string): StoredAnswer {
  const bytes = Buffer.from(stored, 'base64');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, secret.key('idempotency'), nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(key))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
  return JSON.parse(text) as StoredAnswer; // what seal() wrote, or the tag would not have matched
}
