import { useMay } from '../../api/me.ts';
import { Check, Choice } from '../../ui/field.tsx';
import type { RequestForm } from './request-form.ts';
import { Line, type RequestFieldsProps } from './request-line.tsx';

/** How long, who starts nodes, and when. */
export function More(props: RequestFieldsProps) {
  const { form, change, unattended = false } = props;
  const { administer } = useMay();
  const isCanary = form.strategy === 'canary';
  return (
    <>
      <div class="deployments-fields">
        {form.role === 'worker' ? (
          <Line
            {...props}
            name="analyze"
            label="Watch for"
            placeholder={isCanary ? '5m' : '2s'}
            hint="New nodes against the old ones."
          />
        ) : null}
        <Line {...props} name="deadline" label="Deadline" placeholder="10m" hint="For the busy sessions of one node." />
        <Choice
          label="When it has passed"
          value={form.onDeadline}
          onChange={(onDeadline) => change({ onDeadline })}
          options={[
            { value: 'pause', label: 'pause: wait for a person' },
            { value: 'extend', label: 'extend: as much time again, ten times' },
            { value: 'force', label: 'force: close what is left' },
            { value: 'abort', label: 'abort: old nodes serve again' },
          ]}
        />
        <Choice
          label="Node provider"
          value={form.provider}
          onChange={(provider) => change({ provider })}
          options={PROVIDERS}
        />
        {administer && form.provider === 'process' ? (
          <Line
            {...props}
            name="directory"
            label="Directory"
            placeholder="the running code"
            hint="A checkout of the version, on the supervisor's machine."
          />
        ) : null}
      </div>
      <div class="deployments-checks">
        <Check
          label="Hold: plan it, then wait for “promote”"
          checked={form.hold}
          onChange={(hold) => change({ hold })}
        />
        {unattended ? null : (
          <Check
            label="Queue: wait for its turn if another one is under way"
            checked={form.queue}
            onChange={(queue) => change({ queue })}
          />
        )}
        <Check
          label="Only in a maintenance window"
          checked={form.inWindow}
          onChange={(inWindow) => change({ inWindow })}
        />
      </div>
    </>
  );
}

const PROVIDERS: readonly { readonly value: RequestForm['provider']; readonly label: string }[] = [
  { value: 'process', label: 'process: the local cluster' },
  { value: 'exec', label: 'exec: commands of yours' },
  { value: 'kubernetes', label: 'kubernetes: pods' },
];
