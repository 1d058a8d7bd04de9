export { CONNECT_HELP, type ConnectArgs, runConnect } from './cli/connect.ts';
export { type AccessArgs, type CommandIo, processIo, type TextSink } from './cli/io.ts';
export { PROXY_HELP, type ProxyArgs, runProxy } from './cli/proxy.ts';
export { type Agent, connectAgent } from './client.ts';
export type { ConnectionCounts } from './connections.ts';
export type { AgentEnd, AgentEvent, AgentListener, ClosedBy, ConnectionInfo, SessionInfo } from './events.ts';
export { type LocalProxy, type LocalProxyOptions, startLocalProxy } from './local-proxy.ts';
export type { AgentOptions } from './options.ts';
export { AgentEnded } from './outcomes.ts';
