import type { SloObjective, SloReport, SloStanding } from '@culvert/contracts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/page.tsx';
import { badWords, budgetLeft, budgetTone, budgetWords, share, totalWords } from './slo-words.ts';

const ABOUT = {
  availability: 'Availability: can it be used?',
  reliability: 'Reliability: does it go on without failing?',
} as const;

/** What is promised and what was reached: customers' traffic beside the probes', which are a second opinion. */
export function Objectives({ report }: { readonly report: SloReport }) {
  return (
    <>
      {(['availability', 'reliability'] as const).map((about) => (
        <Panel key={about} title={ABOUT[about]}>
          <div class="slo-objectives">
            {report.objectives
              .filter((objective) => objective.about === about)
              .map((objective) => (
                <Objective key={objective.name} objective={objective} />
              ))}
          </div>
        </Panel>
      ))}
    </>
  );
}

function Objective({ objective }: { readonly objective: SloObjective }) {
  const { name, description, real, synthetic } = objective;
  return (
    <article class="card slo-objective">
      <h3>{`${description[0]?.toUpperCase()}${description.slice(1)}`}</h3>
      <p class="faint">Its error budget is for {badWords(name)}.</p>
      <Standing objective={objective} standing={real} of="Real" />
      <Standing objective={objective} standing={synthetic} of="Synthetic" />
    </article>
  );
}

interface StandingProps {
  readonly objective: SloObjective;
  readonly standing: SloStanding;
  readonly of: 'Real' | 'Synthetic';
}

function Standing({ objective: { name }, standing, of }: StandingProps) {
  const { met, attainment, alert } = standing;
  return (
    <div class="slo-standing">
      <h4>{of}</h4>
      {met === null ? (
        <p class="faint">
          {of === 'Synthetic' && name === 'session_availability' ? 'Probes do not count this.' : 'Nothing was counted.'}
        </p>
      ) : (
        <>
          <p>
            <strong class="slo-share">{share(attainment)}</strong>{' '}
            <Badge state={met ? 'met' : 'missed'} tone={met ? 'good' : 'bad'} />{' '}
            {alert === null ? null : <Badge state={`${alert}: burns fast`} tone={alert === 'page' ? 'bad' : 'warn'} />}{' '}
            <span class="faint">{totalWords(name, standing)}</span>
          </p>
          <div class="slo-budget" aria-hidden="true">
            <div class={budgetTone(standing)} style={{ width: `${budgetLeft(standing) * 100}%` }} />
          </div>
          <p class="faint">{budgetWords(name, standing)}</p>
        </>
      )}
    </div>
  );
}
