import { toCulvertError } from '@culvert/base';
import { type LocalProxy, startLocalProxy } from '../local-proxy.ts';
import { endOf, isFinalApiCode } from '../outcomes.ts';
import { exitCodeOf } from './connect.ts';
import { type AccessArgs, type CommandIo, readAccess, reportUsage } from './io.ts';
import { onStopSignals } from './signals.ts';

export interface ProxyArgs extends AccessArgs {
  /** `--session`: id or name. */
  readonly session: string;
  /** `--listen host:port`; default: a free port on 127.0.0.1. */
  readonly listen?: string | undefined;
  /** `--allow-remote`: listen on another address than loopback, without credentials. */
  readonly allowRemote?: boolean | undefined;
  /** `--json` */
  readonly json?: boolean | undefined;
  /** `--stop-deadline`, ms. Default 10 000. */
  readonly stopDeadlineMs?: number | undefined;
  /** `--resume-window`, ms. Default 60 000. */
  readonly resumeWindowMs?: number | undefined;
}

/** For `culvert proxy --help`. */
export const PROXY_HELP = `
The local proxy asks browsers for no credentials, so it listens on loopback only. Chrome keeps localhost away from
its proxy unless told otherwise: chrome --proxy-server=127.0.0.1:PORT --proxy-bypass-list='<-loopback>'

Environment: CULVERT_API, CULVERT_KEY; OpenTelemetry's OTEL_* variables, where traces are wanted. A key in
CULVERT_KEY or --key-file cannot be seen in the process list; one given with --key can.

Exit codes: 0 stopped by a signal · 1 any other failure · 2 a flag or the environment is wrong, or the address is
taken · 3 the cluster refused the key · 130 stopped by a second signal, without waiting
`;

/** `culvert proxy`: runs a local proxy until a signal; resolves with the exit code. */
export async function runProxy(args: ProxyArgs, io: CommandIo): Promise<number> {
  let proxy: LocalProxy;
  try {
    proxy = await start(args, io);
  } catch (error) {
    reportUsage('proxy', error, io);
    return 2;
  }
  const stopped = Promise.withResolvers<number>();
  const stopListening = onStopSignals(io, (now) => {
    const deadlineMs = now ? 0 : (args.stopDeadlineMs ?? 10_000);
    // A second close breaks off what the first one waits for.
    void proxy.close({ deadlineMs }).then(() => stopped.resolve(now ? 130 : 0));
  });
  try {
    const refused = await checkAccess(proxy, args, io);
    if (refused !== undefined) {
      await proxy.close();
      return refused;
    }
    announce(proxy, args, io);
    return await stopped.promise;
  } finally {
    stopListening();
  }
}

function start(args: ProxyArgs, io: CommandIo): Promise<LocalProxy> {
  return startLocalProxy({
    ...readAccess(args, io.env),
    session: args.session,
    allowRemote: args.allowRemote ?? false,
    ...(args.listen === undefined ? {} : { listen: args.listen }),
    ...(io.logger === undefined ? {} : { logger: io.logger }),
    ...(io.tracing === undefined ? {} : { tracer: io.tracing.tracer }),
    ...(args.resumeWindowMs === undefined ? {} : { resumeWindowMs: args.resumeWindowMs }),
  });
}

/** An exit code when the API refuses us for good; a session or an API that is away may come back. */
async function checkAccess(proxy: LocalProxy, { session }: ProxyArgs, io: CommandIo): Promise<number | undefined> {
  try {
    if (!(await proxy.check())) io.stderr.write(`session ${session} is offline; requests get 503 until it is back\n`);
    return undefined;
  } catch (thrown) {
    const error = toCulvertError(thrown);
    io.stderr.write(`culvert proxy: ${error.message} (${error.code})\n`);
    return isFinalApiCode(error.code) ? exitCodeOf(endOf(error)) : undefined;
  }
}

function announce({ url, pac }: LocalProxy, { json, session }: ProxyArgs, io: CommandIo): void {
  if (json) io.stdout.write(`${JSON.stringify({ event: 'proxy.ready', session, proxy: url, pac })}\n`);
  else io.stdout.write(`Proxy    ${url}\nPAC      ${pac}\n\n  curl --proxy ${url} http://your-private-app/\n`);
}
