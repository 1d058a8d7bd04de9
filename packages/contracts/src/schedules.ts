import { type Static, Type } from 'typebox';
import { DeploymentBody, Ms, RehearsalBody } from './deployments.ts';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';

/** `POST /schedules`: by cron, in a time zone. */
export const ScheduleBody = Type.Object({
  cron: Type.String({ minLength: 9, maxLength: 100, description: 'Five fields: minute hour day month weekday.' }),
  timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'IANA name; UTC.' })),
  rehearsal: Type.Optional(RehearsalBody),
  deployment: Type.Optional(DeploymentBody),
});
export type ScheduleBody = Static<typeof ScheduleBody>;

export const Schedule = Type.Object({
  id: ChosenId,
  cron: Type.String(),
  timezone: Type.String(),
  rehearsal: Nullable(RehearsalBody),
  deployment: Nullable(DeploymentBody),
  createdAt: Timestamp,
  /** null: no deploy worker has taken it up yet. */
  nextAt: Nullable(Timestamp),
  lastAt: Nullable(Timestamp),
  lastDeployment: Nullable(MadeId),
  lastError: Nullable(Type.String()),
});
export type Schedule = Static<typeof Schedule>;
export const ScheduleList = Page(Schedule);
export type ScheduleList = Static<typeof ScheduleList>;

/** `PUT /windows/:id`: open from `cron` on for so long. Deployments with `inWindow` touch nodes only while one is open. */
export const WindowBody = Type.Object({
  cron: Type.String({ minLength: 9, maxLength: 100, description: 'When it opens; five fields.' }),
  timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  forMs: Ms(60_000, 7 * 24 * 3_600_000, 'How long it is open.'),
  /** Absent: every pool. */
  pool: Type.Optional(ChosenId),
});
export type WindowBody = Static<typeof WindowBody>;

export const MaintenanceWindow = Type.Object({
  id: ChosenId,
  cron: Type.String(),
  timezone: Type.String(),
  forMs: Type.Integer(),
  pool: Nullable(ChosenId),
  open: Type.Boolean(),
  opensAt: Nullable(Timestamp),
  closesAt: Nullable(Timestamp),
});
export type MaintenanceWindow = Static<typeof MaintenanceWindow>;
export const MaintenanceWindowList = Page(MaintenanceWindow);
export type MaintenanceWindowList = Static<typeof MaintenanceWindowList>;
