export { Backoff, type BackoffOptions } from './backoff.ts';
export { type Clock, pause, systemClock } from './clock.ts';
export { sleep, withDeadline } from './deadline.ts';
export {
  CulvertError,
  type CulvertErrorOptions,
  ERROR_CODES,
  type ErrorCode,
  isErrorCode,
  toCulvertError,
  toErrorCode,
} from './errors.ts';
export { base32, randomId } from './ids.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export { Scope } from './scope.ts';
export { announceSocket, onSocket, type SocketListener, type SocketUse } from './sockets.ts';
