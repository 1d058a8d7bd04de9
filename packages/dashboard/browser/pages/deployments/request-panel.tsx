import type { Deployment, DeploymentRequest } from '@culvert/contracts';
import { Panel } from '../../ui/page.tsx';
import { requestRows } from './request-words.ts';

/** As it was asked for, every default filled in. */
export function RequestPanel({ deployment: { request } }: { readonly deployment: Pick<Deployment, 'request'> }) {
  return (
    <Panel title="As it was asked for">
      <Rows request={request} />
    </Panel>
  );
}

function Rows({ request }: { readonly request: DeploymentRequest }) {
  return (
    <dl class="card deployments-request">
      {requestRows(request).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
