import './slo.css';
import type { SloReport, SloWindow } from '@culvert/contracts';
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { answerOf, api } from '../../api/client.ts';
import { Badge } from '../../ui/badge.tsx';
import { Choice } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { When } from '../../ui/time.tsx';
import { AlertRules } from './alert-rules.tsx';
import { BurnRates } from './burn-rates.tsx';
import { CurvesPanel } from './curves-panel.tsx';
import { Figures } from './figures.tsx';
import { Objectives } from './objectives.tsx';
import { verdict } from './slo-words.ts';
import { Deployments, Recovery, Tenants } from './spenders.tsx';
import { StatusPanel } from './status-panel.tsx';

/** Nodes tell their counts every few seconds; nothing else tells of them. */
const REFETCH_MS = 15_000;

const WINDOWS: readonly { readonly value: SloWindow | ''; readonly label: string }[] = [
  { value: '', label: 'the time of the budget' },
  { value: '1h', label: 'the last hour' },
  { value: '1d', label: 'the last 24 hours' },
  { value: '7d', label: 'the last 7 days' },
  { value: '30d', label: 'the last 30 days' },
  { value: '90d', label: 'the last 90 days' },
];

export default function SloPage() {
  const { query, route } = useLocation();
  const { tenant } = query;
  const window = WINDOWS.find(({ value }) => value === query.window)?.value ?? '';
  const wish = { ...(window === '' ? {} : { window }), ...(tenant === undefined ? {} : { tenant }) };
  const { data, error, refetch } = useQuery({
    queryKey: ['slo', wish],
    queryFn: () => answerOf(api.GET('/v1/slo', { params: { query: wish } })),
    refetchInterval: REFETCH_MS,
    placeholderData: keepPreviousData,
  });
  const choose = (value: SloWindow | ''): void => {
    const chosen = { ...(value === '' ? {} : { window: value }), ...(tenant === undefined ? {} : { tenant }) };
    route(`/slo?${new URLSearchParams(chosen)}`, true);
  };
  return (
    <Page title={tenant === undefined ? 'SLO and status' : `SLO of ${tenant}`}>
      {tenant === undefined ? <StatusPanel /> : <OneTenant tenant={tenant} />}
      <div class="filters">
        <Choice label="Objectives over" value={window} options={WINDOWS} onChange={choose} />
        {data === undefined ? null : <Span report={data} />}
      </div>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading what="the objectives" /> : null : <Report report={data} />}
      {tenant === undefined ? <AlertRules /> : null}
    </Page>
  );
}

function OneTenant({ tenant }: { readonly tenant: string }) {
  return (
    <p>
      Of the traffic of <a href={`/tenants/${encodeURIComponent(tenant)}`}>{tenant}</a> alone.{' '}
      <a href="/slo">Of all tenants</a>
    </p>
  );
}

function Report({ report }: { readonly report: SloReport }) {
  return (
    <>
      <Objectives report={report} />
      <CurvesPanel tenant={report.tenant} />
      <BurnRates report={report} />
      <Figures report={report} />
      <Deployments report={report} />
      <Tenants report={report} />
      {report.tenant === null ? <Recovery report={report} /> : null}
    </>
  );
}

function Span({ report }: { readonly report: SloReport }) {
  const { tone, words } = verdict(report);
  const state = { good: 'met', bad: 'missed', warn: 'missed by probes', neutral: 'no data', busy: '' }[tone];
  return (
    <p>
      <Badge state={state} tone={tone} /> {words}{' '}
      <span class="faint">
        Counted from <When at={report.countedFrom} />.
      </span>
    </p>
  );
}
