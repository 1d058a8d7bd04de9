import type { IncomingMessage } from 'node:http';
import { CulvertError } from '@culvert/base';
import { fieldValues } from './headers.ts';

/**
 * Refuses what two parsers could read in two ways, beyond what node's strict parser refuses already
 * (Content-Length with Transfer-Encoding or repeated, obs-fold, bare CR or LF, a blank before the colon, bad chunks).
 * @throws bad_request
 */
export function checkRequestFraming(request: IncomingMessage): void {
  const hosts = fieldValues(request.rawHeaders, 'host').length;
  if (hosts > 1) throw new CulvertError('bad_request', 'The request has more than one Host field.');
  if (hosts === 0 && request.httpVersionMinor === 1) {
    throw new CulvertError('bad_request', 'The request has no Host field.'); // RFC 9112 §3.2
  }
  const coding = transferCoding(request);
  if (coding === undefined) return;
  // RFC 9112 §6.1: in HTTP/1.0 a transfer coding is a sign of a message that was put together wrongly.
  if (request.httpVersionMinor === 0) throw new CulvertError('bad_request', 'HTTP/1.0 has no Transfer-Encoding.');
  if (coding !== 'chunked') throw new CulvertError('bad_request', 'The only transfer coding supported is chunked.');
}

/** Refuses an answer whose end or coding is not plain. @throws target_invalid_response */
export function checkResponseFraming(response: IncomingMessage): void {
  const coding = transferCoding(response);
  if (coding === undefined) return;
  if (response.httpVersionMinor === 0 || coding !== 'chunked') {
    throw new CulvertError('target_invalid_response', 'The target used a transfer coding that was not asked for.');
  }
}

/** Whether content follows the header section (RFC 9112 §6.3). */
export function hasContent(request: IncomingMessage): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  const length = request.headers['content-length'];
  return length !== undefined && !/^0+$/.test(length);
}

function transferCoding(message: IncomingMessage): string | undefined {
  return message.headers['transfer-encoding']?.trim().toLowerCase();
}
