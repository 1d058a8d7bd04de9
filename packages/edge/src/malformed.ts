import { CulvertError } from '@culvert/base';

/** What node's parser would not have, as the answer to it; undefined when the connection itself failed. */
export function malformed(error: NodeJS.ErrnoException): CulvertError | undefined {
  const code = error.code ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') return new CulvertError('headers_too_large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new CulvertError('bad_request', 'The request was not complete in time.');
  if (code.startsWith('HPE_')) return new CulvertError('bad_request', `The request is malformed (${code}).`);
  return undefined;
}
