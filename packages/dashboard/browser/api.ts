import type { ClusterNodeList, Problem, SessionList } from '@culvert/contracts';

/** An answer that takes longer is as good as none. */
const DEADLINE_MS = 5_000;

export interface Cluster {
  readonly nodes: ClusterNodeList['items'];
  readonly sessions: SessionList['items'];
  /** There are more sessions than these. */
  readonly more: boolean;
}

/** The API said no, or nothing. */
export class ApiFailure extends Error {
  /** 0: no answer at all. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Only another key helps. */
  get isAboutKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** The whole picture, as the API has it now. Rejects with ApiFailure. */
export async function loadCluster(key: string): Promise<Cluster> {
  const [nodes, sessions] = await Promise.all([
    get<ClusterNodeList>('/v1/nodes', key),
    get<SessionList>('/v1/sessions?limit=200', key),
  ]);
  return { nodes: nodes.items, sessions: sessions.items, more: sessions.next !== null };
}

async function get<T>(path: string, key: string): Promise<T> {
  let answer: Response;
  try {
    const headers = { authorization: `Bearer ${key}`, accept: 'application/json' };
    answer = await fetch(path, { headers, signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch {
    throw new ApiFailure(0, 'no_answer', 'The API does not answer.');
  }
  if (answer.ok) return answer.json();
  const problem: Partial<Problem> = await answer.json().catch(() => ({})); // no JSON: the status has to do
  throw new ApiFailure(
    answer.status,
    problem.code ?? 'unknown',
    problem.detail ?? `The API answered ${answer.status}.`,
  );
}
