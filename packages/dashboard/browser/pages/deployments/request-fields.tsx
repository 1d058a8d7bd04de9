import { Choice } from '../../ui/field.tsx';
import { Line, type RequestFieldsProps } from './request-line.tsx';
import { More } from './request-more.tsx';

/** What a deployment is to do. Empty fields: the default that stands in them. */
export function RequestFields(props: RequestFieldsProps) {
  return (
    <>
      <What {...props} />
      <How {...props} />
      <More {...props} />
    </>
  );
}

function What(props: RequestFieldsProps) {
  const { form, change } = props;
  return (
    <div class="deployments-fields">
      <Line {...props} name="version" label="Version" placeholder="2.1.0" />
      <Choice
        label="Role"
        value={form.role}
        onChange={(role) => change({ role })}
        options={[
          { value: 'worker', label: 'workers' },
          { value: 'gateway', label: 'gateways' },
          { value: 'api', label: 'APIs' },
          { value: 'deployer', label: 'deploy workers' },
        ]}
      />
      <Line {...props} name="pool" label="Pool" placeholder="default" />
    </div>
  );
}

const STRATEGIES = [
  { value: 'rolling', label: 'rolling', hint: 'One batch after the other: the usual.' },
  { value: 'surge', label: 'surge', hint: 'New nodes serve beside the old ones: for full pools.' },
  {
    value: 'blue-green',
    label: 'blue-green',
    hint: 'All at once, the old ones kept for a while: the quickest way back.',
  },
  { value: 'canary', label: 'canary', hint: 'A share of new sessions first: for doubtful versions.' },
] as const;

function How(props: RequestFieldsProps) {
  const { form, change } = props;
  const hint = STRATEGIES.find(({ value }) => value === form.strategy)?.hint ?? '';
  return (
    <div class="deployments-fields">
      {form.role === 'worker' ? (
        <Choice
          label="Strategy"
          value={form.strategy}
          onChange={(strategy) => change({ strategy })}
          options={STRATEGIES}
          hint={hint}
        />
      ) : null}
      <Choice
        label="Busy sessions"
        value={form.policy}
        onChange={(policy) => change({ policy })}
        options={[
          { value: 'move', label: 'are moved' },
          { value: 'wait', label: 'are waited for' },
        ]}
        hint="Connections on a worker's own address are waited for in any case."
      />
      <Line {...props} name="batch" label="Batch" placeholder="1" hint="Nodes drained at a time." />
      <OfStrategy {...props} />
    </div>
  );
}

/** What only one of the strategies has. */
function OfStrategy(props: RequestFieldsProps) {
  const { form, change } = props;
  if (form.role !== 'worker') return null;
  if (form.strategy === 'surge') {
    return <Line {...props} name="surge" label="Surge" placeholder="the batch" hint="Nodes beyond the usual." />;
  }
  if (form.strategy === 'blue-green') {
    return <Line {...props} name="keepWarm" label="Keep warm" placeholder="1m" hint="How long the old nodes stay." />;
  }
  if (form.strategy !== 'canary') return null;
  return (
    <>
      <Choice
        label="The canary gets"
        value={form.canaryBy}
        onChange={(canaryBy) => change({ canaryBy })}
        options={[
          { value: 'percent', label: 'a share of new sessions' },
          { value: 'tenants', label: 'all new sessions of some tenants' },
        ]}
      />
      {form.canaryBy === 'percent' ? (
        <Line {...props} name="canaryPercent" label="Share, percent" placeholder="10" />
      ) : (
        <Line {...props} name="canaryTenants" label="Tenants" placeholder="acme, globex" />
      )}
    </>
  );
}
