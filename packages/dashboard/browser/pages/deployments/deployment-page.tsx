import './deployments.css';
import type { Deployment } from '@culvert/contracts';
import { useRoute } from 'preact-iso';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { When } from '../../ui/time.tsx';
import { Commands } from './commands.tsx';
import { Forecast } from './forecast.tsx';
import { LogPanel } from './log-panel.tsx';
import { NodesPanel } from './nodes-panel.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { useDeployment, useWhy } from './queries.ts';
import { ReceiptPanel } from './receipt-panel.tsx';
import { RequestPanel } from './request-panel.tsx';
import { WhyPanel } from './why-panel.tsx';
import { aimOf, isOver, tookMs } from './words.ts';

export default function DeploymentPage() {
  const { id = '' } = useRoute().params;
  const { data, error, refetch } = useDeployment(id);
  if (data === undefined) {
    return (
      <Page title={`Deployment ${id}`}>
        {error === null ? (
          <Loading what="the deployment" />
        ) : (
          <ProblemNote error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  }
  return <Shown deployment={data} error={error} retry={() => void refetch()} />;
}

interface ShownProps {
  readonly deployment: Deployment;
  /** Of the last look; what is shown is from an earlier one. */
  readonly error: Error | null;
  readonly retry: () => void;
}

function Shown({ deployment, error, retry }: ShownProps) {
  const { id, forecast, nodes, request, finishedAt } = deployment;
  const over = isOver(deployment);
  const { data: why, error: whyError } = useWhy(id, !over);
  const hasTouched = !request.dryRun && nodes.some(({ evidence }) => evidence.length > 0);
  return (
    <Page title={aimOf(deployment)} actions={<Commands deployment={deployment} why={why} />}>
      {error === null ? null : <ProblemNote error={error} retry={retry} />}
      <Summary deployment={deployment} />
      {over ? null : <WhyPanel why={why} error={whyError} />}
      {forecast !== null && (request.dryRun || (nodes.every(({ state }) => state === 'waiting') && !over)) ? (
        <Panel title={request.dryRun ? 'What would happen' : 'What is planned'}>
          <Forecast forecast={forecast} request={request} />
        </Panel>
      ) : null}
      {request.dryRun || nodes.length === 0 ? null : <NodesPanel deployment={deployment} why={why} />}
      {over && finishedAt !== null && hasTouched ? <ReceiptPanel id={id} /> : null}
      <LogPanel deployment={deployment} />
      <RequestPanel deployment={deployment} />
    </Page>
  );
}

function Summary({ deployment }: { readonly deployment: Deployment }) {
  const { id, state, reason, createdAt, createdBy, finishedAt, request, strategy, policy } = deployment;
  return (
    <section class="card deployments-current" aria-label="State">
      <p class="deployments-line" role="status">
        <Badge state={state} />
        {reason === null ? null : <span>{reason}</span>}
      </p>
      {request.dryRun ? null : <ProgressBar deployment={deployment} />}
      <p class="deployments-line faint">
        <span>
          {strategy}, {policy}
        </span>
        <span>
          begun <When at={createdAt} /> by <code>{createdBy}</code>
        </span>
        {finishedAt === null ? null : (
          <span>
            ended <When at={finishedAt} />, after {duration(tookMs(deployment, 0))}
          </span>
        )}
        <Copy text={`culvert deploy watch ${id}`} label="the command that follows it" />
      </p>
    </section>
  );
}
