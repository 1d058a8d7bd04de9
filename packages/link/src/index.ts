export { type AcceptedLinkEvents, LinkAcceptor, refuseUpgrade, workerHello } from './accept.ts';
export { type DialLinkOptions, dialLink } from './dial.ts';
export { type Connect, DialedLink, type DialedLinkOptions, type Link, LinkRefused } from './dialed-link.ts';
export { type Gate, LinkSocket, type LinkTransport } from './link-socket.ts';
export { type OpenStreamOptions, openStream } from './open-stream.ts';
export { type SpliceOptions, splice } from './splice.ts';
export { StreamSocket } from './stream-socket.ts';
export { WebSocketReader, type WebSocketReaderEvents } from './websocket-reader.ts';
export { type Masking, WebSocketWriter } from './websocket-writer.ts';
