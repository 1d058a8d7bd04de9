import { CulvertError } from '@culvert/base';

/** What node's HTTP client, or the stream under it, failed with, as one of the proxy's own codes. */
export function upstreamError(thrown: unknown): CulvertError {
  if (thrown instanceof CulvertError && thrown.code !== 'aborted') return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code.startsWith('HPE_') || code.startsWith('ERR_INVALID') || code.startsWith('ERR_HTTP')) {
    const detail = code === 'HPE_HEADER_OVERFLOW' ? 'its header section is too large' : code;
    return new CulvertError('target_invalid_response', `The target's answer is not valid HTTP (${detail}).`, {
      cause: thrown,
    });
  }
  return new CulvertError('target_reset', 'The target closed the connection before it answered.', { cause: thrown });
}
