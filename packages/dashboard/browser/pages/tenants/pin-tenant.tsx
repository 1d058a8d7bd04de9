import type { Tenant } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { namesIn, type PinPlan, type Pool, pinEffect } from './pools.ts';
import { refetchTenant } from './use-tenant.ts';

interface PinProps {
  readonly tenant: Tenant;
  readonly sessions: number;
  readonly pools: readonly Pool[];
  readonly onClose: () => void;
}

const ANOTHER = '~another';

/** Before it is done, it says what it does. */
export function PinTenant({ tenant, sessions, pools, onClose }: PinProps) {
  const { id } = tenant;
  const [chosen, choose] = useState(tenant.pool ?? pools[0]?.name ?? ANOTHER);
  const [other, setOther] = useState('');
  const [spillTyped, setSpill] = useState(tenant.spill.join(', '));
  const pool = chosen === ANOTHER ? other.trim() : chosen;
  const spill = namesIn(spillTyped).filter((name) => name !== pool);
  const options = [
    ...pools.map(({ name, ready }) => ({ value: name, label: `${name} (${counted(ready, 'worker')} ready)` })),
    ...(tenant.pool === null || pools.some(({ name }) => name === tenant.pool)
      ? []
      : [{ value: tenant.pool, label: `${tenant.pool} (no worker)` }]),
    { value: ANOTHER, label: 'one that has no worker yet …' },
  ];
  const act = async (): Promise<void> => {
    const body = spill.length > 0 ? { pool, whenFull: 'spill' as const, spill } : { pool };
    await answerOf(api.PUT('/v1/tenants/{id}/pin', { params: { path: { id } }, body }));
    refetchTenant(id);
  };
  return (
    <Confirm
      title={`Pin ${id} to a pool`}
      verb="Pin"
      act={act}
      done={`${id} is pinned to ${pool}.`}
      onClose={onClose}
      disabled={pool === ''}
    >
      <Choice label="Pool" value={chosen} options={options} onChange={choose} />
      {chosen === ANOTHER ? (
        <Field label="Name of the pool" value={other} onInput={setOther} required spellcheck={false} />
      ) : null}
      <Field
        label="When it is full, also in these pools"
        value={spillTyped}
        onInput={setSpill}
        hint="In their order, with commas between; none: new sessions wait for room."
        spellcheck={false}
        autocomplete="off"
      />
      {pool === '' ? null : <Effect tenant={tenant} plan={{ pool, spill }} sessions={sessions} pools={pools} />}
    </Confirm>
  );
}

export function UnpinTenant({ tenant, sessions, pools, onClose }: PinProps) {
  const { id } = tenant;
  const act = async (): Promise<void> => {
    await answerOf(api.DELETE('/v1/tenants/{id}/pin', { params: { path: { id } } }));
    refetchTenant(id);
  };
  return (
    <Confirm title={`Unpin ${id}`} verb="Unpin" act={act} done={`${id} is no longer pinned.`} onClose={onClose}>
      <Effect tenant={tenant} plan={{ pool: null, spill: [] }} sessions={sessions} pools={pools} />
    </Confirm>
  );
}

interface EffectProps extends Omit<PinProps, 'onClose'> {
  readonly plan: PinPlan;
}

function Effect({ tenant, plan, sessions, pools }: EffectProps) {
  const { words, warnings } = pinEffect(tenant, plan, sessions, pools);
  return (
    <div role="status">
      <p>{words}</p>
      {warnings.map((warning) => (
        <p class="warn" key={warning}>
          {warning}
        </p>
      ))}
    </div>
  );
}
