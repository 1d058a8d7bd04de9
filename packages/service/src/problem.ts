import { CulvertError, ERROR_CODES, type ErrorCode, type Logger, toCulvertError } from '@culvert/base';
import type { Problem } from '@culvert/contracts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The body of an error answer (RFC 9457), with Culvert's `code` and `fix`. */
export function toProblem(error: CulvertError, instance: string): Problem {
  const { meaning, status } = ERROR_CODES[error.code];
  return {
    type: `urn:culvert:error:${error.code}`,
    title: meaning,
    status,
    code: error.code,
    detail: error.message,
    instance,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}

export function sendProblem(reply: FastifyReply, error: CulvertError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="culvert"');
  const body = JSON.stringify(toProblem(error, pathOf(reply.request)));
  return reply.code(error.status).type('application/problem+json').send(body);
}

/** Makes every error of the server, its own and the framework's, a problem+json answer. */
export function installProblems(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new CulvertError('not_found', `There is no ${request.method} ${pathOf(request)}.`)),
  );
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = fromFramework(thrown);
    if (error.code === 'internal') {
      const fields = { event: 'http.error', method: request.method, path: pathOf(request), err: thrown };
      logger.error(fields, 'a request failed unexpectedly');
      return sendProblem(reply, new CulvertError('internal'));
    }
    return sendProblem(reply, error);
  });
}

/** For fastify's option `frameworkErrors`: what it refuses before there is a route, such as a broken %-escape. */
export function answerFrameworkError(thrown: FastifyError, _request: unknown, reply: FastifyReply): void {
  void sendProblem(reply, fromFramework(thrown)); // it is sent; there is nothing to wait for
}

/** Without the query, which may hold a token. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function fromFramework(thrown: FastifyError | CulvertError): CulvertError {
  if (thrown instanceof CulvertError) return thrown;
  if (thrown.validation !== undefined) return new CulvertError('invalid_request', thrown.message, { cause: thrown });
  const code = codeOfStatus(thrown.statusCode);
  return code === undefined ? toCulvertError(thrown) : new CulvertError(code, thrown.message, { cause: thrown });
}

/** Fastify's own complaints (bad JSON, a wrong media type, a body that is too large) differ by status only. */
function codeOfStatus(status: number | undefined): ErrorCode | undefined {
  if (status === undefined || status < 400 || status > 499) return undefined;
  if (status === 413) return 'payload_too_large';
  return status === 404 ? 'not_found' : 'invalid_request';
}
